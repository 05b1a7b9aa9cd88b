"""Image files by Pillow: opening them and walking their pages, from headers only."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from ocrq.errors import PageError
from pipeline.page_errors import truncated, unreadable
from pipeline.scans.kinds import MediaType
from pipeline.scans.source import Source

# Pillow's own bound on pixels is a constant of the process; `Limits` checks every page instead.
Image.MAX_IMAGE_PIXELS = None
# What Pillow warns of (odd EXIF tags, short reads) either does no harm or ends in an error.
warnings.filterwarnings("ignore", module=r"PIL\..*")

_FORMATS = {
    MediaType.TIFF: ("TIFF",),
    MediaType.JPEG: ("JPEG",),
    MediaType.PNG: ("PNG",),
    MediaType.BMP: ("BMP",),
    MediaType.WEBP: ("WEBP",),
}

_SUBFILE_TYPE = 254
#: TIFF 6.0, tag 254: bit 0 marks a smaller copy of another page, bit 2 a transparency mask.
_NOT_A_PAGE = 0b101


@contextmanager
def decoding(what: str) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile bytes into one error.

    Raises:
        PageError: codes `unreadable`, `truncated`.
        OSError: with an errno: the storage is in trouble, the file may be good.
    """
    try:
        yield
    except (PageError, MemoryError):
        raise
    except Exception as exc:  # Pillow's plug-ins raise nearly everything on damaged files
        if isinstance(exc, OSError) and exc.errno is not None:
            raise
        if isinstance(exc, UnidentifiedImageError):  # it names the object that was opened
            raise unreadable(what, "no decoder takes it for an image") from exc
        if "truncated" in str(exc).lower():
            raise truncated(what) from exc
        raise unreadable(what, exc) from exc


def open_image(source: Source) -> Image.Image:
    """Open an image file without decoding it; it stays valid while `source.file` is open.

    Raises:
        PageError: code `unreadable`.
    """
    with decoding(source.name):
        image = Image.open(source.file, formats=_FORMATS[source.media_type])
        if source.media_type is not MediaType.TIFF and getattr(image, "n_frames", 1) > 1:
            image.seek(0)  # an animation or a camera's second picture: the first one is the scan
    return image


def pages(image: Image.Image) -> Iterator[Image.Image]:
    """Go through the pages of an open image; each is valid until the next is asked for.

    Only TIFF has more than one. Thumbnails and masks in a TIFF are not pages.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        yield image
        return
    frame = 0
    while True:
        if not int(image.tag_v2.get(_SUBFILE_TYPE, 0)) & _NOT_A_PAGE:
            yield image
        frame += 1
        try:
            image.seek(frame)
        except EOFError:
            return


def leads_back(image: Image.Image) -> bool:
    """Whether the last page that `pages` found names an earlier one as the next.

    Such a chain of pages has no end; what should have come after it cannot be found any more.
    """
    return isinstance(image, TiffImagePlugin.TiffImageFile) and bool(image.tag_v2.next)


def stored_size(image: Image.Image) -> tuple[int, int]:
    """Width and height in pixels as stored, before any EXIF turn."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow swaps the sides of a TIFF that its orientation tag turns.
        return int(image.tag_v2[256]), int(image.tag_v2[257])
    return image.size
