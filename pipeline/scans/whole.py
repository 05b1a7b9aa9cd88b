"""Is a file whole? Found from its structure, without decoding: copies that broke off are common."""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Callable
from typing import Any, BinaryIO

from PIL import Image, TiffImagePlugin

from pipeline.scans.kinds import MediaType
from pipeline.scans.source import Source

_MARKER_HEADER = 4
_START_OF_SCAN = 0xDA


def is_whole(source: Source) -> bool:
    """Whether the file reaches its own end; a TIFF is judged page by page (`tiff_page_is_whole`).

    A file of broken structure counts as whole here: the decoder says better what is wrong.
    """
    test = _TESTS.get(source.media_type)
    if test is None:
        return True
    try:
        return test(source.file, source.size_bytes)
    finally:
        source.file.seek(0)


def tiff_page_is_whole(image: Image.Image, size_bytes: int) -> bool:
    """Whether all strips or tiles of the current page lie inside the file."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return True
    tags: Any = image.tag_v2
    for offsets_tag, counts_tag in ((273, 279), (324, 325)):
        offsets, counts = tags.get(offsets_tag), tags.get(counts_tag)
        if (
            offsets
            and counts
            and any(o + c > size_bytes for o, c in zip(offsets, counts, strict=False))
        ):
            return False
    return True


def _png(file: BinaryIO, size_bytes: int) -> bool:
    position = 8
    while position + 12 <= size_bytes:
        file.seek(position)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return True
        position += 12 + length
    return False


def _jpeg(file: BinaryIO, size_bytes: int) -> bool:
    position = 2
    while position + _MARKER_HEADER <= size_bytes:
        file.seek(position)
        mark, code, length = struct.unpack(">BBH", file.read(_MARKER_HEADER))
        if mark != 0xFF:
            return True  # broken structure
        if code == _START_OF_SCAN:
            # Inside the coded data 0xFF is always followed by 0 or a restart mark.
            return _rfind(file, b"\xff\xd9") > position
        position += 1 if code == 0xFF else 2 + length
    return False


def _bmp(file: BinaryIO, size_bytes: int) -> bool:
    file.seek(0)
    head = file.read(34)
    if len(head) < 34:
        return False
    start, header_bytes = struct.unpack_from("<II", head, 10)
    width, height = struct.unpack_from("<ii", head, 18)
    bits, compression = struct.unpack_from("<HI", head, 28)
    if header_bytes < 40 or compression in (1, 2):  # OS/2; run-length coded: its size is not known
        return True
    row_bytes = (abs(int(width)) * int(bits) + 31) // 32 * 4
    return size_bytes >= int(start) + row_bytes * abs(int(height))


def _webp(file: BinaryIO, size_bytes: int) -> bool:
    file.seek(4)
    (length,) = struct.unpack("<I", file.read(4))
    return size_bytes >= 8 + int(length)


def _pdf(file: BinaryIO, size_bytes: int) -> bool:
    file.seek(0)
    head = file.read(2048)
    # A linearised file has an end mark near its start, but says how long it is (ISO 32000, F.3).
    if b"/Linearized" in head:
        length = re.search(rb"/L\s+(\d{1,18})", head)
        if length is not None and int(length[1]) > size_bytes:
            return False
    return _rfind(file, b"%%EOF") >= 0


def _rfind(file: BinaryIO, mark: bytes) -> int:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.rfind(mark)


_TESTS: dict[MediaType, Callable[[BinaryIO, int], bool]] = {
    MediaType.PNG: _png,
    MediaType.JPEG: _jpeg,
    MediaType.BMP: _bmp,
    MediaType.WEBP: _webp,
    MediaType.PDF: _pdf,
}
