"""PDFium: page count and sizes for the probe; whole pages where poppler is not installed.

PDFium runs inside the calling process, so call this only where a crash does no harm: in the
probing child and in the rendering child (`pipeline.scans.pdfium_page`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium_c

from pipeline.page_errors import encrypted, unreadable
from pipeline.scans.pdf_dpi import PlacedImage

_MAX_IMAGES = 2000  # looked at per page to find its scan
_LOCKED = frozenset({pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY})


@contextmanager
def open_pdf(file: BinaryIO, name: str) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF without reading it whole.

    Raises:
        PageError: codes `encrypted`, `unreadable`.
    """
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as exc:
        raise (encrypted(name) if exc.err_code in _LOCKED else unreadable(name)) from exc
    try:
        yield document
    finally:
        document.close()


def page_size_pt(document: pypdfium2.PdfDocument, frame: int) -> tuple[float, float] | None:
    """Width and height of a page as it is shown, points; None for a page that is damaged."""
    try:
        width, height = document.get_page_size(frame)
    except pypdfium2.PdfiumError:
        return None
    return (float(width), float(height)) if width > 0 and height > 0 else None


def placed_images(page: pypdfium2.PdfPage) -> list[PlacedImage]:
    """The images that lie directly on a page with the resolution at which they are shown."""
    found: list[PlacedImage] = []
    objects = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=1)
    for item in islice(objects, _MAX_IMAGES):
        width, height = item.get_px_size()
        # The matrix maps the unit square, which an image fills, to points.
        a, b, c, d, _, _ = item.get_matrix().get()
        width_in, height_in = math.hypot(a, b) / 72, math.hypot(c, d) / 72
        if min(width, height) >= 1 and min(width_in, height_in) > 0:
            found.append(
                PlacedImage(
                    width_px=width,
                    height_px=height,
                    x_dpi=width / width_in,
                    y_dpi=height / height_in,
                )
            )
    return found
