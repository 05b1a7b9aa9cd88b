"""The page image that walks through the pipeline, and the array type of every grey image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: (H, W) uint8, 0 = black, 255 = white, C-contiguous.
GrayImage = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PageImage:
    """One page as it was loaded: turned as its EXIF tag says, with square pixels, not yet cleaned.

    `scan_size_px` is (width, height) as stored in the file: it differs from `gray` when an EXIF
    tag turned the page or when the scan's pixels were not square (fax). For a PDF page it is the
    size of the rendered page.
    """

    gray: GrayImage
    dpi: int  # 30..4800
    dpi_is_estimated: bool  # the file does not say, or what it says cannot be
    scan_size_px: tuple[int, int]

    def __post_init__(self) -> None:
        if self.gray.ndim != 2 or self.gray.dtype != np.uint8 or self.gray.size == 0:
            raise ValueError(f"not a grey image: {self.gray.shape} {self.gray.dtype}")

    @property
    def width_px(self) -> int:
        return int(self.gray.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.gray.shape[0])
