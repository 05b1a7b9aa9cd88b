"""Loading one page of a scan as a grey image."""

from __future__ import annotations

from itertools import islice

from PIL import Image

from pipeline.image import PageImage
from pipeline.limits import Limits
from pipeline.page_errors import no_page
from pipeline.scans.frames import decoding, open_image, pages, stored_size
from pipeline.scans.gray import to_gray, upright
from pipeline.scans.kinds import MediaType
from pipeline.scans.pdf import render_pdf_page
from pipeline.scans.poppler import find_poppler
from pipeline.scans.resolution import believable, declared_dpi, estimate_dpi, square_pixels
from pipeline.scans.source import Source, open_source

_ORIENTATION = 274


def load_page(path: str | bytes, frame: int, limits: Limits, dpi: int | None = None) -> PageImage:
    """Load page `frame` of a file: turned as its EXIF tag says, on white paper, in grey.

    Args:
        path: the file; `str` may hold surrogate escapes.
        frame: page number from 0; always 0 for all formats but PDF and TIFF.
        limits: bounds, checked from headers before anything is decoded.
        dpi: what the user says; overrides the file. A PDF page is rendered at it.

    Raises:
        PageError: this page can never be read; codes in docs/page-errors.md.
        OSError: the storage is in trouble; trying again later may work.
    """
    source = open_source(path, limits)
    with source.file:
        if source.media_type is MediaType.PDF:
            return _load_pdf_page(source, frame, limits, dpi)
        return _load_image(source, frame, limits, dpi)


def _load_pdf_page(source: Source, frame: int, limits: Limits, dpi: int | None) -> PageImage:
    page = render_pdf_page(source, frame, limits, dpi=dpi, poppler=find_poppler())
    height, width = page.gray.shape
    is_estimated = dpi is None and not believable(page.dpi, (width, height))
    return PageImage(
        gray=page.gray,
        dpi=estimate_dpi((width, height)) if is_estimated else round(page.dpi),
        dpi_is_estimated=is_estimated,
        scan_size_px=(width, height),
    )


def _load_image(source: Source, frame: int, limits: Limits, dpi: int | None) -> PageImage:
    what = f"page {frame + 1} of {source.name}"
    with decoding(what if frame else source.name):
        image = next(islice(pages(open_image(source)), frame, None), None)
        if image is None:
            raise no_page(source.name, frame + 1)
        size_px = stored_size(image)
        limits.check_pixels(*size_px, what)
        if source.media_type is MediaType.JPEG:
            image.draft("L", None)  # decodes the luma only: half the time, a quarter of the memory
        image.load()
        return _page_image(image, size_px, dpi)


def _page_image(image: Image.Image, size_px: tuple[int, int], dpi: int | None) -> PageImage:
    claimed = declared_dpi(image)
    orientation = image.getexif().get(_ORIENTATION, 1)
    gray = to_gray(image)
    if claimed is not None and not all(believable(value, size_px) for value in claimed):
        claimed = None
    found = None
    if claimed is not None:
        gray, found = square_pixels(gray, *claimed)
    gray = upright(gray, orientation)
    return PageImage(
        gray=gray,
        dpi=dpi or round(found or estimate_dpi(gray.shape)),
        dpi_is_estimated=dpi is None and found is None,
        scan_size_px=size_px,
    )
