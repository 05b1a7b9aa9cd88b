"""Time and accuracy of the imaging steps on upright pages: python -m bench.imaging FOLDER...

Every first frame is read in one thread. Times are processor time, not the clock's. Skew: the page
is turned by angles up to 15 degrees, and the change of the estimate is compared with the turn;
pages whose lines slope differently, bent ones and fanned ones, are counted apart. Orientation: the
page is turned four ways; with --engine a page whose letters are in doubt is read, as `ocrq run`
does.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from bench.machine import describe_machine
from bench.tables import markdown_table
from ocrq.errors import PageError
from ocrq.types import PageOptions
from pipeline.binarize import InkImage, below, binarize, find_levels
from pipeline.clean import clean_page
from pipeline.deskew import MIN_CONFIDENCE, estimate_skew, rotate_gray, turned_ink
from pipeline.engines.engine import Engine
from pipeline.engines.registry import load_engine
from pipeline.flatten import estimate_bend
from pipeline.image import GrayImage
from pipeline.layout.page import arrange, find_pieces
from pipeline.layout.photographs import find_dark, scan_tones
from pipeline.limits import Limits
from pipeline.lines import cut_lines
from pipeline.load import load_page
from pipeline.marks import Overview
from pipeline.orient import estimate_orientation, rotate_quarter
from pipeline.orient_text import settle_orientation
from pipeline.quality import measure_quality
from pipeline.rotation import Rotation
from pipeline.rule_removal import remove_rules
from worker.memory import keep_freed_memory

Result = TypeVar("Result")
STEPS = (
    "clean",
    "binarize",
    "overview",  # the ink at 100 dpi, for the three that follow
    "orient",
    "quality",
    "skew",
    "rotate",
    "again",  # the ink of what is turned
    "pieces",
    "rules",  # looked for, seldom found
    "bend",
    "dark",  # photographs, looked for
    "arrange",
    "lines",
)

#: Slopes of the halves of a page that are farther apart than this are no one slope.
_FANNED_DEG = 0.8


def _is_fanned(ink: InkImage) -> bool:
    """Whether the upper half of a page slopes otherwise than its lower half: it has two slopes."""
    middle = ink.shape[0] // 2
    upper, lower = (estimate_skew(np.ascontiguousarray(h)) for h in (ink[:middle], ink[middle:]))
    is_known = min(upper.confidence, lower.confidence) >= MIN_CONFIDENCE
    return is_known and abs(upper.skew_deg - lower.skew_deg) > _FANNED_DEG


class Figures:
    """What was measured on the pages of one folder."""

    def __init__(self, angles: int) -> None:
        self.angles = angles
        self.elapsed_ms: dict[str, list[float]] = defaultdict(list)
        self.megapixels: list[float] = []
        self.errors_deg: dict[bool, list[float]] = {False: [], True: []}  # by whether it is bent
        self.turns: Counter[str] = Counter()

    def timed(self, name: str, step: Callable[[], Result]) -> Result:
        start = time.process_time()
        result = step()
        self.elapsed_ms[name].append(1000 * (time.process_time() - start))
        return result

    def measure(self, name: str, gray: GrayImage, rng: random.Random) -> None:
        self.megapixels.append(gray.size / 1e6)
        cleaned = self.timed("clean", lambda: clean_page(gray))
        levels, ink = self.timed("binarize", lambda: _threshold(cleaned))
        overview = self.timed("overview", lambda: Overview.of(ink))
        self.timed("orient", lambda: estimate_orientation(ink, overview))
        self.timed("quality", lambda: measure_quality(gray, ink, overview))
        skew_deg = self.timed("skew", lambda: estimate_skew(ink, overview)).skew_deg
        is_bent = self._lay_out(gray, cleaned, levels, ink, skew_deg) or _is_fanned(ink)
        for _ in range(self.angles):
            angle_deg = rng.uniform(-15, 15)
            turned = binarize(clean_page(rotate_gray(gray, angle_deg)))
            error_deg = abs(estimate_skew(turned).skew_deg - skew_deg - angle_deg)
            self.errors_deg[is_bent].append(error_deg)
            if error_deg > 0.2:
                bent = " (bent)" if is_bent else ""
                print(f"{name}{bent}: {angle_deg:.2f} degrees, {error_deg:.2f} off")

    def _lay_out(
        self, scan: GrayImage, gray: GrayImage, levels: GrayImage, ink: InkImage, skew_deg: float
    ) -> bool:
        height, width = gray.shape
        rotation = Rotation.of(width, height, -skew_deg)
        if skew_deg:
            gray = self.timed("rotate", lambda: rotate_gray(gray, -skew_deg))
            ink = self.timed("again", lambda: turned_ink(gray, levels, rotation))
        pieces = self.timed("pieces", lambda: find_pieces(ink))
        self.timed("rules", lambda: remove_rules(gray, ink, pieces.text_height_px))
        bend = self.timed(
            "bend", lambda: estimate_bend(pieces.found, pieces.chains, pieces.text_height_px)
        )
        letter_px = pieces.text_height_px
        dark = self.timed(
            "dark",
            lambda: find_dark(scan_tones(scan, letter_px), letter_px, rotation, gray.shape[::-1]),
        )
        layout = self.timed("arrange", lambda: arrange(pieces, rotation, dark))
        self.timed("lines", lambda: cut_lines(gray, layout, rotation))
        return bend is not None

    def turn(self, name: str, gray: GrayImage, engine: Engine | None) -> None:
        for turned_deg in (0, 90, 180, 270):
            cleaned = clean_page(rotate_quarter(gray, turned_deg))
            ink = binarize(cleaned)
            found = estimate_orientation(ink)
            if engine is not None:
                self.turns["asked"] += found.is_doubtful
                found = settle_orientation(cleaned, ink, found, PageOptions(), engine)
            is_right = (found.rotation_deg + turned_deg) % 360 == 0
            self.turns["all"] += 1
            kind = "upright" if turned_deg == 0 else "turned"
            self.turns[f"{kind} {'right' if is_right else 'wrong'}"] += 1
            if not is_right:
                print(f"{name}: turned by {turned_deg}, answer {found}")

    def times_row(self, name: str) -> list[str]:
        # A step that half of the pages do without costs the usual page a half.
        pages = len(self.megapixels)
        means = [sum(self.elapsed_ms[step]) / pages for step in STEPS]
        head = [name, f"{np.mean(self.megapixels):.1f}"]
        return [*head, *(f"{ms:.0f}" for ms in means), f"{sum(means):.0f}"]

    def accuracy_row(self, name: str) -> list[str]:
        turned = self.turns["turned right"] + self.turns["turned wrong"]
        share = f"{100 * self.turns['turned right'] / turned:.1f} %" if turned else "-"
        return [
            name,
            str(len(self.megapixels)),
            *_quantiles(self.errors_deg[False]),
            str(len(self.errors_deg[True]) // self.angles if self.angles else 0),
            *_quantiles(self.errors_deg[True]),
            str(self.turns["upright wrong"]),
            share,
            f"{self.turns['asked']} of {self.turns['all']}",
        ]


def _threshold(gray: GrayImage) -> tuple[GrayImage, InkImage]:
    levels = find_levels(gray)
    return levels, below(gray, levels)


def _quantiles(errors_deg: Sequence[float]) -> list[str]:
    if not errors_deg:
        return ["-"] * 3
    return [f"{np.quantile(errors_deg, q):.3f}" for q in (0.5, 0.99, 1.0)]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every n-th page only")
    parser.add_argument("--angles", type=int, default=4, help="how often each page is turned")
    parser.add_argument("--no-turns", action="store_true", help="leave the quarter-turns out")
    parser.add_argument("--engine", help="reads pages whose letters are in doubt, such as crnn")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    keep_freed_memory()  # as a page child does
    engine = load_engine(options.engine) if options.engine else None
    times, accuracy = [], []
    for folder in options.folders:
        figures = Figures(options.angles)
        rng = random.Random(1)
        for path in sorted(folder.iterdir())[:: options.every]:
            try:
                page = load_page(str(path), 0, Limits())
            except PageError as exc:
                print(f"{path}: {exc}", file=sys.stderr)
                continue
            figures.measure(path.name, page.gray, rng)
            if not options.no_turns:
                figures.turn(path.name, page.gray, engine)
        if figures.megapixels:
            name = f"{folder.parent.name}/{folder.name}"
            times.append(figures.times_row(name))
            accuracy.append(figures.accuracy_row(name))
    print(f"\n{describe_machine()}\n\nProcessor time of a page, ms:\n")
    print(markdown_table(["folder", "megapixels", *STEPS, "all"], times))
    print("\nSkew, degrees off, and turned pages:\n")
    head = ["folder", "pages", "median", "99 %", "max", "bent pages", "median", "99 %", "max"]
    head += ["upright turned", "turned put right", "read to decide"]
    print(markdown_table(head, accuracy))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
