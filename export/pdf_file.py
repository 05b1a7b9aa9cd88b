"""Writing a PDF as a stream: objects go out as they come, and only their places are kept.

The libraries that write PDF hold the whole file until its end, pictures included (decision 0044).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

#: How the files begin. Four bytes above 127, so that programs that copy files take it for binary,
#: and a comment by which ocrq knows its own: they are no scans.
HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%ocrq export\n"

PdfValue = str | bytes | int | float | list["PdfValue"] | Mapping[str, "PdfValue"]


class Ref(int):
    """The number of an object."""


def pdf_text(text: str) -> bytes:
    """A text string: UTF-16 with its mark, which any text survives; surrogates do not occur."""
    return b"<" + ("\ufeff" + text).encode("utf-16-be", "replace").hex().encode() + b">"


class PdfFile:
    """Numbers objects and gives the bytes of each; whoever calls writes them in that order."""

    def __init__(self) -> None:
        self._size = 0
        self._offsets: dict[int, int] = {}
        self._count = 0

    def reserve(self) -> Ref:
        """A number for an object that comes later."""
        self._count += 1
        return Ref(self._count)

    def begin(self) -> bytes:
        return self._counted(HEAD)

    def object(self, ref: Ref, value: PdfValue) -> bytes:
        """An object that is no stream."""
        self._offsets[ref] = self._size
        return self._counted(b"%d 0 obj\n%b\nendobj\n" % (ref, _coded(value)))

    def stream(
        self, ref: Ref, data: bytes, entries: Mapping[str, PdfValue], *, is_coded: bool = False
    ) -> bytes:
        """A stream; compressed unless its data are coded, as its entries say then."""
        entries = dict(entries)
        if not is_coded:
            data = zlib.compress(data)
            entries["Filter"] = "/FlateDecode"
        entries["Length"] = len(data)
        self._offsets[ref] = self._size
        head = b"%d 0 obj\n%b\nstream\n" % (ref, _coded(entries))
        return self._counted(head + data + b"\nendstream\nendobj\n")

    def end(self, entries: Mapping[str, PdfValue]) -> bytes:
        """The table of objects and the trailer."""
        start = self._size
        rows = [b"0000000000 65535 f \n"]
        rows += [b"%010d 00000 n \n" % self._offsets[n] for n in range(1, self._count + 1)]
        table = b"xref\n0 %d\n" % len(rows) + b"".join(rows)
        trailer = _coded({**entries, "Size": len(rows)})
        return self._counted(table + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))

    def _counted(self, data: bytes) -> bytes:
        self._size += len(data)
        return data


def _coded(value: PdfValue) -> bytes:
    """As PDF writes it; `str` is written as it stands: a name, a keyword, an operator."""
    match value:
        case Ref():
            return b"%d 0 R" % value
        case bytes():
            return value
        case str():
            return value.encode("ascii")
        case int():
            return b"%d" % value
        case float():
            return number(value).encode()
        case list():
            return b"[" + b" ".join(map(_coded, value)) + b"]"
        case _:
            items = (b"/%b %b" % (key.encode("ascii"), _coded(v)) for key, v in value.items())
            return b"<<" + b" ".join(items) + b">>"


def number(value: float) -> str:
    """A real number: PDF knows no exponents.

    >>> number(612.0), number(-0.00001), number(1 / 3)
    ('612', '0', '0.3333')
    """
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
