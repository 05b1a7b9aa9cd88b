"""Loading one page of a scan as a grey image."""

from __future__ import annotations

from pipeline.image import PageImage
from pipeline.limits import Limits


def load_page(path: str | bytes, frame: int, limits: Limits, dpi: int | None = None) -> PageImage:
    """Load page `frame` (from 0) of a file."""
    raise NotImplementedError
