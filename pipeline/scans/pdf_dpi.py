"""At which resolution a PDF page is rendered: that of the scan inside it, when there is one.

Light enough for the child process that renders with PDFium.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_POINTS_PER_INCH = 72.0
#: Legal paper and a little more. Programs that set one pixel to one point make sheets beyond it.
LARGEST_SHEET_IN = 14.5
#: A page is a scan when images of one resolution cover this share of it.
_COVERED = 0.6
_HIGHEST_DPI = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedImage:
    """An image as it lies on a page; all values above 0."""

    width_px: int
    height_px: int
    x_dpi: float
    y_dpi: float

    @property
    def area_in2(self) -> float:
        return (self.width_px / self.x_dpi) * (self.height_px / self.y_dpi)


def render_dpi(images: Iterable[PlacedImage], page_pt: tuple[float, float], pdf_dpi: int) -> float:
    """The resolution that loses nothing of a scan and wastes little.

    A sheet of usual size is rendered at `pdf_dpi`, or at its scan's resolution if that is finer
    (at most 600). A larger sheet with a scan on it has the scan's resolution, which for pages
    made by "one pixel is one point" is 72 and gives back the scan's own pixels.

    >>> a4 = PlacedImage(width_px=2480, height_px=3508, x_dpi=72.0, y_dpi=72.0)
    >>> render_dpi([a4], (2480.0, 3508.0), 300), render_dpi([], (595.3, 841.9), 300)
    (72.0, 300.0)
    """
    scan = _scan_dpi(images, page_pt)
    if scan is None:
        return float(pdf_dpi)
    return scan if is_large(page_pt) else max(scan, float(pdf_dpi))


def is_large(page_pt: tuple[float, float]) -> bool:
    """Whether a page is larger than the sheets that people put into scanners."""
    return max(page_pt) > LARGEST_SHEET_IN * _POINTS_PER_INCH


def rendered_size_px(page_pt: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Width and height in pixels of a page rendered at this resolution; at least 1 x 1.

    >>> rendered_size_px((595.2, 841.92), 300)
    (2480, 3508)
    """
    width, height = (max(1, round(side * dpi / _POINTS_PER_INCH)) for side in page_pt)
    return width, height


def _scan_dpi(images: Iterable[PlacedImage], page_pt: tuple[float, float]) -> float | None:
    # Scanners cut pages into strips, and split text from background at another resolution:
    # areas are added up by resolution and the finest one that covers the page is taken.
    page_in2 = page_pt[0] * page_pt[1] / _POINTS_PER_INCH**2
    areas_in2: dict[int, float] = defaultdict(float)
    for image in images:
        areas_in2[round(max(image.x_dpi, image.y_dpi))] += image.area_in2
    covering = [dpi for dpi, area in areas_in2.items() if area >= _COVERED * page_in2]
    return min(float(max(covering)), _HIGHEST_DPI) if covering else None
