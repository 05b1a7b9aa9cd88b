"""What is accepted as input: scans are hostile, so sizes are checked before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ocrq.config import Settings
from ocrq.errors import PageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one file and on one page; the defaults are those of `ocrq.config.Settings`."""

    max_bytes: int = 2_000_000_000  # of a file
    max_pixels: int = 150_000_000  # of a page
    max_pages: int = 10_000  # of a file
    pdf_dpi: int = 300  # at which PDF pages are rendered
    pdf_render_s: float = 60.0  # processor time that rendering one PDF page may take

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that the settings of this process ask for."""
        return cls(
            max_bytes=settings.max_bytes,
            max_pixels=settings.max_pixels,
            max_pages=settings.max_pages,
            pdf_dpi=settings.pdf_dpi,
        )

    def check_bytes(self, size_bytes: int, name: str) -> None:
        """Refuse a file that is too big to be a scan.

        Raises:
            PageError: code `file_too_large`.
        """
        if size_bytes > self.max_bytes:
            raise PageError(
                "file_too_large",
                f"{name} has {size_bytes:,} bytes, more than the {self.max_bytes:,} that are "
                "accepted; split it, or raise OCRQ_MAX_BYTES",
            )

    def check_pixels(self, width_px: int, height_px: int, name: str) -> None:
        """Refuse a page whose decoded size would fill the memory.

        Raises:
            PageError: code `page_too_large`.
        """
        if width_px * height_px > self.max_pixels:
            raise PageError(
                "page_too_large",
                f"{name} is {width_px:,} x {height_px:,} pixels, more than the "
                f"{self.max_pixels:,} that are accepted; scan it at a lower resolution, or raise "
                "OCRQ_MAX_PIXELS",
            )

    def check_pages(self, count: int, name: str) -> None:
        """Refuse a file with more pages than any document has.

        Raises:
            PageError: code `too_many_pages`.
        """
        if count > self.max_pages:
            raise PageError(
                "too_many_pages",
                f"{name} has more than the {self.max_pages:,} pages that are accepted; split it, "
                "or raise OCRQ_MAX_PAGES",
            )
