"""Which file formats are read, told apart by their first bytes and never by their names."""

from __future__ import annotations

from enum import StrEnum


class MediaType(StrEnum):
    """A format that ocrq reads; stored as text in `documents.media_type`."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    BMP = "image/bmp"
    WEBP = "image/webp"


ACCEPTED = "PDF, TIFF, JPEG, PNG, BMP and WebP"

#: How many first bytes `sniff` wants: readers accept "%PDF-" anywhere in the first kilobyte.
HEAD_BYTES = 1024

_SUFFIXES = {
    ".pdf": "PDF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".bmp": "BMP",
    ".webp": "WebP",
}


def sniff(head: bytes) -> MediaType | None:
    """Tell the format from the first `HEAD_BYTES` of a file; None for one that is not read.

    >>> sniff(b"%PDF-1.7 ...")
    <MediaType.PDF: 'application/pdf'>
    >>> sniff(b"GIF89a") is None
    True
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return MediaType.TIFF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return MediaType.WEBP
    # Two letters are little: bytes 6-9 of a BMP are zero in practice, 14 begins the header's size.
    if head.startswith(b"BM") and head[15:18] == b"\0\0\0":
        return MediaType.BMP
    if b"%PDF-" in head[:HEAD_BYTES]:
        return MediaType.PDF
    return None


def format_named_by(name: str) -> str | None:
    """The format that a file name claims, None when it claims none of ours.

    >>> format_named_by("Letter 12.PDF")
    'PDF'
    """
    dot = name.rfind(".")
    return _SUFFIXES.get(name[dot:].lower()) if dot >= 0 else None
