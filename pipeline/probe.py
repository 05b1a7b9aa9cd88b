"""Looking into a file before it is queued: format, pages and their sizes, from headers only.

Meant for a child process with limits on time and memory: decoders of hostile files may crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.page_errors import truncated, unreadable
from pipeline.scans.frames import decoding, leads_back, open_image, pages, stored_size
from pipeline.scans.kinds import MediaType
from pipeline.scans.pdf_dpi import is_large, render_dpi, rendered_size_px
from pipeline.scans.source import Source, open_source
from pipeline.scans.whole import is_whole, tiff_page_is_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProbe:
    """One page of a file; with an `error_code` it can not be read, its size may be 0."""

    width_px: int  # as stored (before an EXIF turn); a PDF page as it would be rendered
    height_px: int
    error_code: str | None = None
    error: str | None = None

    @property
    def megapixels(self) -> float:
        return self.width_px * self.height_px / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file holds; at least one page."""

    media_type: MediaType
    pages: tuple[PageProbe, ...]
    size_bytes: int
    mtime_ns: int


def probe_file(path: str | bytes, limits: Limits, *, root: str | bytes | None = None) -> Probe:
    """Find out what a file holds without decoding it.

    Args:
        path: the file; `str` may hold surrogate escapes.
        limits: bounds on bytes, pixels and pages.
        root: directory that the file must not leave through a symbolic link; None: links followed.

    Raises:
        PageError: nothing of the file can be read; codes in docs/page-errors.md. What is wrong
            with single pages only is in `Probe.pages`.
        OSError: the storage is in trouble; trying again later may work.
    """
    source = open_source(path, limits, root=root)
    with source.file:
        if not is_whole(source):
            raise truncated(source.name)
        walk = _pdf_pages if source.media_type is MediaType.PDF else _image_pages
        found: list[PageProbe] = []
        try:
            for page in walk(source, limits):
                found.append(page)
                limits.check_pages(len(found), source.name)
        except PageError as exc:
            if not found or exc.code == "too_many_pages":
                raise
            found.append(_failed(exc))  # the pages before the damage can be read
    if not found:
        raise unreadable(source.name, "it has no pages")
    return Probe(
        media_type=source.media_type,
        pages=tuple(found),
        size_bytes=source.size_bytes,
        mtime_ns=source.mtime_ns,
    )


def _image_pages(source: Source, limits: Limits) -> Iterator[PageProbe]:
    with decoding(source.name):
        scan = open_image(source)
        for number, image in enumerate(pages(scan), start=1):
            what = source.name
            if source.media_type is MediaType.TIFF:
                what = f"page {number} of {source.name}"
            yield _image_page(image, source, limits, what)
        if leads_back(scan):
            raise unreadable(
                source.name, "its last page leads back to an earlier one: pages behind it are lost"
            )


def _image_page(image: Image.Image, source: Source, limits: Limits, what: str) -> PageProbe:
    width, height = stored_size(image)
    if width < 1 or height < 1:
        return _failed(unreadable(what, f"its size is {width} x {height}"))
    if not tiff_page_is_whole(image, source.size_bytes):
        return _failed(truncated(what), width, height)
    return _checked(width, height, limits, what)


def _pdf_pages(source: Source, limits: Limits) -> Iterator[PageProbe]:
    # Loading PDFium takes 70 ms, which a directory of images need not pay.
    from pipeline.scans.pdfium import open_pdf, page_size_pt, placed_images

    with decoding(source.name), open_pdf(source.file, source.name) as document:
        count = len(document)
        limits.check_pages(count, source.name)
        for frame in range(count):
            what = f"page {frame + 1} of {source.name}"
            size_pt = page_size_pt(document, frame)
            if size_pt is None:
                yield _failed(unreadable(what))
                continue
            # Other pages are not loaded: their scans are not finer than reckoned here by much.
            images = placed_images(document[frame]) if is_large(size_pt) else []
            dpi = render_dpi(images, size_pt, limits.pdf_dpi)
            yield _checked(*rendered_size_px(size_pt, dpi), limits, what)


def _checked(width_px: int, height_px: int, limits: Limits, what: str) -> PageProbe:
    try:
        limits.check_pixels(width_px, height_px, what)
    except PageError as exc:
        return _failed(exc, width_px, height_px)
    return PageProbe(width_px=width_px, height_px=height_px)


def _failed(error: PageError, width_px: int = 0, height_px: int = 0) -> PageProbe:
    return PageProbe(
        width_px=width_px, height_px=height_px, error_code=error.code, error=str(error)
    )
