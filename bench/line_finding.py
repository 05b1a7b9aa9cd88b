"""Three ways to find the lines of a page: python -m bench.line_finding FOLDER... [--every 2].

Connected components (what ocrq does), the profile of the page's rows, and maximally stable regions
(MSER) in place of binarization. All start from the same upright, clean, level page, and what each
finds is read by the same engine and scored as `ocrq evaluate layout` does. Times are processor time
of the finding alone.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.types import PageOptions, PageResult
from pipeline.assemble import assemble
from pipeline.engines.engine import Engine
from pipeline.engines.registry import load_engine
from pipeline.image import GrayImage, PageImage
from pipeline.layout.components import InkImage
from pipeline.layout.marks import add_marks
from pipeline.layout.page import Layout, Paragraph, Pieces, arrange, find_pieces
from pipeline.layout.row import make_row
from pipeline.lines import cut_lines
from pipeline.prepare import Prepared, prepare_page
from pipeline.quality import measure_quality
from training.evaluation.layout import LayoutScore
from training.evaluation.layout_truth import folder_pages, load_scan

Finder = Callable[[Prepared, Pieces], Layout]

_LEAST_INK = 0.1  # of the fullest rows of pixels: less is white between lines
_STEP = 20  # grey values over which a region is to stay the same
_MOST_VARIATION = 4.0  # of its area
_DARK = 215  # mean grey of ink
_STABLE_LETTER = (0.5, 6.0)  # heights of stable regions that are kept, in letters of the page


def by_components(page: Prepared, pieces: Pieces) -> Layout:
    """Letters chained to the right, pieces joined, columns kept apart."""
    return arrange(pieces, page.mapping)


def by_projection(page: Prepared, pieces: Pieces) -> Layout:
    """A line is a run of pixel rows with ink; letters belong to the run of their middle."""
    found, kinds = pieces.found, pieces.kinds
    if kinds is None:
        return Layout(found=found, text_height_px=0.0, paragraphs=())
    body = kinds.body
    profile = np.zeros(found.labels.shape[0] + 1)
    np.add.at(profile, found.y0[body], found.x1[body] - found.x0[body])
    np.add.at(profile, found.y1[body], found.x0[body] - found.x1[body])
    ink = np.cumsum(profile)
    is_line = ink > _LEAST_INK * np.percentile(ink[ink > 0], 90)
    run = np.cumsum(np.diff(is_line.astype(np.int8), prepend=0) == 1) * is_line
    of = run[(found.y0[body] + found.y1[body]) // 2]
    rows = [make_row(found, body[of == number], 0.0) for number in np.unique(of[of > 0])]
    rows = add_marks(found, rows, kinds.mark)
    paragraph = Paragraph(rows=tuple(sorted(rows, key=lambda row: row.bottom)))
    return Layout(found=found, text_height_px=pieces.text_height_px, paragraphs=(paragraph,))


def by_stable_regions(page: Prepared, pieces: Pieces) -> Layout:
    """Ink is what stays the same over many thresholds and is as large as a letter."""
    return arrange(find_pieces(_stable_ink(page.gray, pieces.text_height_px)), page.mapping)


def _stable_ink(gray: GrayImage, text_height_px: float) -> InkImage:
    t = max(text_height_px, 5.0)
    least, most = round(0.05 * t * t), round(20 * t * t)
    # Small letters are blurred: the usual 0.25 takes hardly any of them for stable.
    mser = cv2.MSER.create(_STEP, max(1, least), max(least + 1, most), _MOST_VARIATION)
    # A bilevel page has no thresholds between its two greys.
    regions, boxes = mser.detectRegions(cv2.GaussianBlur(gray, (0, 0), 1.0))
    ink = np.zeros(gray.shape, np.bool_)
    for region, (_, _, width, height) in zip(regions, boxes, strict=True):
        low, high = (factor * t for factor in _STABLE_LETTER)
        # Both poles are found: what is lighter than around it is paper inside of a letter.
        x, y = np.asarray(region, np.intp).T
        if low <= max(width, height) <= high and gray[y, x].mean() < _DARK:
            ink[y, x] = True
    return ink


FINDERS: dict[str, Finder] = {
    "components": by_components,
    "projection": by_projection,
    "MSER": by_stable_regions,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--engine", default="crnn")
    parser.add_argument("--every", type=int, default=1, help="take only every Nth page")
    parser.add_argument("--upper", action="store_true", help="take capitals for small letters")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    engine = load_engine(asked.engine)
    rows = []
    for folder in asked.folders:
        scores: dict[str, LayoutScore] = defaultdict(LayoutScore)
        taken_s: dict[str, float] = defaultdict(float)
        for number, (truth, scan) in enumerate(folder_pages(folder)):
            if number % asked.every:
                continue
            image = load_scan(scan)
            for name, finder in FINDERS.items():
                result, finding_s = _read(image, engine, finder)
                scores[name].add(truth, result, ignore_case=asked.upper)
                taken_s[name] += finding_s
        rows += [_row(folder.name, name, scores[name], taken_s[name]) for name in FINDERS]
    print(f"{describe_machine()}; engine {engine.info.name} {engine.info.version}\n")
    head = ["pages", "count", "finder", "lines", "read", "found by box", "merged", "split"]
    print(markdown_table([*head, "ms a page"], rows))


def _read(image: PageImage, engine: Engine, finder: Finder) -> tuple[PageResult, float]:
    options = PageOptions(orient=False)
    page, pieces = prepare_page(image.gray, options, engine, lambda _: nullcontext(), None)
    start_s = time.process_time()
    layout = finder(page, pieces)
    finding_s = time.process_time() - start_s
    lines = cut_lines(page.gray, layout, page.mapping)
    kinds = [paragraph.kind for paragraph in layout.paragraphs]
    regions, found = assemble(lines, engine.read(lines, options), kinds, [])
    height_px, width_px = image.gray.shape
    result = PageResult(
        width_px=width_px,
        height_px=height_px,
        dpi=image.dpi,
        dpi_is_estimated=image.dpi_is_estimated,
        rotation_deg=page.rotation_deg,
        skew_deg=page.skew_deg,
        quality=measure_quality(image.gray, image.gray < 128),
        regions=regions,
        lines=found,
        engine=engine.info,
        elapsed_s={},
    )
    return result, finding_s


def _row(pages: str, finder: str, score: LayoutScore, taken_s: float) -> list[str]:
    found = score.summary()
    boxed = "" if found["found"] is None else f"{100 * found['found']:.1f} %"
    counts = [str(score.merged), str(score.split)] if score.boxed else ["", ""]
    return [
        pages,
        str(score.pages),
        finder,
        f"{score.lines:,}",
        f"{100 * score.read / max(score.lines, 1):.1f} %",
        boxed,
        *counts,
        f"{1000 * taken_s / max(score.pages, 1):.0f}",
    ]


if __name__ == "__main__":
    main()
