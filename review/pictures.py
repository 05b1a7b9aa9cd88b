"""Pictures of pages and of parts of them, upright, as their boxes count."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from anyio import CapacityLimiter

from ocrq.config import Settings
from ocrq.errors import PageError
from ocrq.types import Box, PageOptions
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.orient import rotate_quarter
from store.review_lists import ReadScan
from worker.scan_file import PathMap, check_loaded, check_unchanged

GrayImage = npt.NDArray[np.uint8]

#: Pixels of pages that are kept, so that lines of one page do not load it again and again.
_KEPT_PIXELS: Final = 80_000_000
#: A scan that loads larger or smaller than it was read shows the same page up to this difference.
_SAME_SHAPE: Final = 0.01
_JPEG_QUALITY: Final = 85
_AT_ONCE: Final = 4  # pictures in the making; each has a page of its own in memory at worst


class Pictures:
    """Loads scans and keeps the last ones; may be used by several threads."""

    def __init__(self, settings: Settings) -> None:
        self._limits = Limits.from_settings(settings)
        self._path_map = PathMap.parse(settings.path_map)
        self._kept: OrderedDict[tuple[int, int, int], GrayImage] = OrderedDict()
        self._lock = threading.Lock()  # of what is kept
        self._loading = threading.Lock()  # one page at a time: each takes tens of megabytes
        self.limiter = CapacityLimiter(_AT_ONCE)

    def part(self, scan: ReadScan, part: Box | None, longest_px: int) -> tuple[bytes, str]:
        """A part of a page, or all of it, no longer than `longest_px` on its longer side.

        Returns:
            The file, and its media type.

        Raises:
            PageError: the scan is not what was read (codes `vanished`, `changed`), or is damaged.
            OSError: the storage is in trouble.
        """
        page = self._page(scan)
        if part is not None:
            page = page[part.y0_px : part.y1_px, part.x0_px : part.x1_px]
        if not page.size:
            page = np.full((1, 1), 255, np.uint8)
        scale = longest_px / max(page.shape)
        if scale < 1:
            size = (max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale)))
            page = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
        _, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        return data.tobytes(), "image/jpeg"

    def _page(self, scan: ReadScan) -> GrayImage:
        key = (scan.page_id, scan.rotation_deg, scan.width_px)
        page = self._find(key)
        if page is not None:
            return page
        with self._loading:
            page = self._find(key)  # another thread may have loaded it meanwhile
            if page is None:
                page = self._load(scan)
                self._keep(key, page)
            return page

    def _find(self, key: tuple[int, int, int]) -> GrayImage | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[int, int, int], page: GrayImage) -> None:
        with self._lock:
            self._kept[key] = page
            while len(self._kept) > 1 and sum(p.size for p in self._kept.values()) > _KEPT_PIXELS:
                self._kept.popitem(last=False)

    def _load(self, scan: ReadScan) -> GrayImage:
        path = os.fsdecode(self._path_map.apply(scan.path))
        check_unchanged(scan, path)
        options = PageOptions.from_values(scan.options)
        gray = load_page(path, scan.number - 1, self._limits, options.dpi).gray
        check_loaded(scan, path)
        upright = rotate_quarter(gray, scan.rotation_deg)
        return _as_read(upright, scan)


def _as_read(page: GrayImage, scan: ReadScan) -> GrayImage:
    """The page in the size in which it was read: OCRQ_PDF_DPI may have changed since."""
    height, width = page.shape
    if (width, height) == (scan.width_px, scan.height_px):
        return page
    if abs(width / height - scan.width_px / scan.height_px) > _SAME_SHAPE * width / height:
        raise PageError(
            "changed",
            f"the scan is {width} x {height} pixels now, and was {scan.width_px} x"
            f" {scan.height_px} when it was read; submit it again",
        )
    size = (scan.width_px, scan.height_px)
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
