"""What a page looked like on its way through the pipeline, kept for whoever wants to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.binarize import InkImage
from pipeline.engines.engine import LineImage
from pipeline.image import GrayImage


@dataclass(slots=True, kw_only=True, eq=False)
class Stages:
    """Filled by `process_page`; pictures of a page, each (H, W).

    The first two are upright, not yet straightened; the others are of the page as lines are cut
    from it.
    """

    cleaned: GrayImage | None = None
    mask: InkImage | None = None
    straight: GrayImage | None = None
    lines: Sequence[LineImage] = ()
