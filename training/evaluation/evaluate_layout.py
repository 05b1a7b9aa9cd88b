"""Reads pages with known lines and scores the layout."""

from __future__ import annotations

from pathlib import Path

from ocrq.errors import PageError
from ocrq.types import PageOptions
from pipeline.engines.engine import Engine
from pipeline.image import PageImage
from pipeline.run import process_page
from training.evaluation.layout import LayoutScore
from training.evaluation.layout_truth import drawn_pages, folder_pages, load_scan
from training.pagegen.fonts import find_fonts

_DRAWN_DPI = 300


def score_folder(
    folder: Path, engine: Engine, options: PageOptions, *, ignore_case: bool
) -> LayoutScore:
    """The score of all scans of a folder; one that cannot be read counts as empty."""
    score = LayoutScore()
    for page, scan in list(folder_pages(folder)):  # what lacks a truth is told first
        try:
            image = load_scan(scan)
        except (PageError, OSError) as exc:
            score.add_unreadable(page, str(exc))
            continue
        score.add(page, process_page(image, options, engine), ignore_case=ignore_case)
    return score


def score_drawn(
    count: int, engine: Engine, options: PageOptions, *, strength: float
) -> dict[str, LayoutScore]:
    """The score of `count` drawn pages of each kind, by kind."""
    scores: dict[str, LayoutScore] = {}
    for page, gray in drawn_pages(count, find_fonts(), strength):
        size = (gray.shape[1], gray.shape[0])
        image = PageImage(gray=gray, dpi=_DRAWN_DPI, dpi_is_estimated=False, scan_size_px=size)
        kind = page.name.rpartition("-")[0]
        scores.setdefault(kind, LayoutScore()).add(page, process_page(image, options, engine))
    return scores
