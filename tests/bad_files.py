"""Every kind of file that cannot be read, written into a directory, with the code it must get."""

from __future__ import annotations

import io
import os
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.drawing import make_page


@dataclass(frozen=True, slots=True, kw_only=True)
class BadFile:
    """A file that cannot be read at all."""

    path: bytes
    code: str  # PageError.code that a probe with root = the directory must raise
    page: bool = False  # the error belongs to its only page, the probe itself does not raise


def write_bad_files(folder: Path) -> tuple[BadFile, ...]:
    """Fill an existing directory; names sort as they are listed here, mostly."""
    content: dict[bytes, tuple[bytes, str]] = {
        b"bomb.png": (bomb_png(), "page_too_large"),
        b"bomb.pdf": (pdf([b""], size_pt=(14400, 14400)), "page_too_large"),
        b"damaged.pdf": (b"%PDF-1.4\n" + b"no objects here\n" * 9 + b"%%EOF\n", "unreadable"),
        b"damaged.png": (bomb_png(9, 9).replace(b"IHDR\0", b"IHDR\1"), "unreadable"),
        b"damaged.tif": (b"II*\0\x08\0\0\0\x01\0\x11\x22\x33\x44", "unreadable"),
        b"empty.tif": (b"", "empty"),
        b"encrypted.pdf": (encrypted_pdf(), "encrypted"),
        b"notes.txt": (b"Notes on these scans.\n", "unsupported"),
        b"program.exe": (b"MZ\x90\0\x03\0\0\0", "unsupported"),
        b"text.pdf": (b"This is no PDF.\n", "wrong_content"),
        b"text \xff\xfe caf\xe9.jpg": (b"This is no JPEG.\n", "wrong_content"),
        b"truncated.bmp": (half(image_bytes("BMP")), "truncated"),
        b"truncated.jpg": (half(image_bytes("JPEG")), "truncated"),
        b"truncated.pdf": (half(pdf([b"0 0 m 9 9 l S"])), "truncated"),
        b"truncated.png": (half(image_bytes("PNG")), "truncated"),
        b"truncated.webp": (half(image_bytes("WEBP")), "truncated"),
    }
    of_a_page = {b"bomb.png", b"bomb.pdf"}
    bad: list[BadFile] = []
    for name, (data, code) in content.items():
        path = os.fsencode(folder / os.fsdecode(name))
        Path(os.fsdecode(path)).write_bytes(data)
        bad.append(BadFile(path=path, code=code, page=name in of_a_page))
    special: dict[str, tuple[Callable[[Path], None], str]] = {
        "link_broken.png": (lambda p: p.symlink_to("nowhere.png"), "symlink_broken"),
        "link_circle.png": (lambda p: p.symlink_to("link_circle.png"), "symlink_broken"),
        "link_device.png": (lambda p: p.symlink_to("/dev/zero"), "symlink_outside"),
        "link_outside.png": (lambda p: p.symlink_to("/etc/hostname"), "symlink_outside"),
        "pipe.png": (os.mkfifo, "not_a_file"),
        "socket.png": (_make_socket, "not_a_file"),
    }
    for text, (make, code) in special.items():
        make(folder / text)
        bad.append(BadFile(path=os.fsencode(folder / text), code=code))
    return tuple(bad)


def image_bytes(kind: str, **options: object) -> bytes:
    """A good small page in one of Pillow's formats."""
    stream = io.BytesIO()
    Image.fromarray(make_page("Good page", dpi=72)).save(stream, kind, **options)
    return stream.getvalue()


def half(data: bytes) -> bytes:
    """The first half of a file: a copy that broke off."""
    return data[: len(data) // 2]


def bomb_png(width_px: int = 60_000, height_px: int = 60_000) -> bytes:
    """A PNG of a few bytes that claims an enormous size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def pdf(
    contents: list[bytes],
    *,
    size_pt: tuple[float, float] = (200, 100),
    rotate_deg: int = 0,
    trailer: bytes = b"",
    extra: tuple[bytes, ...] = (),
) -> bytes:
    """A PDF with one page for each content stream, and Helvetica as font /F.

    `extra` objects get the numbers after all others; `trailer` is put into the trailer as it is.
    """
    first = 4
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(contents), kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Rotate %d"
            b" /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>"
            % (*size_pt, rotate_deg, first + 2 * number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.extend(extra)
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (count, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def encrypted_pdf() -> bytes:
    """A PDF that no password opens: its check value fits none."""
    encrypt = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"11" * 32, b"22" * 32)
    return pdf(
        [b""],
        extra=(encrypt,),
        trailer=b"/Encrypt 6 0 R /ID [<00112233445566778899aabbccddeeff> <00>]",
    )


def _make_socket(path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    # The path of a socket has at most 107 bytes: bind by the open directory's short name.
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        server.bind(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)
        server.close()
