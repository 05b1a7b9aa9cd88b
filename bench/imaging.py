"""Time and accuracy of the imaging steps on upright pages: python -m bench.imaging FOLDER...

Every first frame is read in one thread. Skew: the page is turned by angles up to 15 degrees, and
the change of the estimate is compared with the turn. Orientation: the page is turned four ways.
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
from pipeline.binarize import binarize
from pipeline.clean import clean_page
from pipeline.deskew import estimate_skew, rotate_gray
from pipeline.image import GrayImage
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.orient import estimate_orientation, rotate_quarter
from pipeline.quality import measure_quality

Result = TypeVar("Result")


class Figures:
    """What was measured on the pages of one folder."""

    def __init__(self) -> None:
        self.elapsed_ms: dict[str, list[float]] = defaultdict(list)
        self.skew_errors_deg: list[float] = []
        self.turns: Counter[str] = Counter()

    def timed(self, name: str, step: Callable[[], Result]) -> Result:
        start = time.process_time()
        result = step()
        self.elapsed_ms[name].append(1000 * (time.process_time() - start))
        return result

    def measure(self, gray: GrayImage, rng: random.Random) -> None:
        cleaned = self.timed("clean", lambda: clean_page(gray))
        ink = self.timed("binarize", lambda: binarize(cleaned))
        self.timed("orient", lambda: estimate_orientation(ink))
        self.timed("quality", lambda: measure_quality(gray, ink))
        skew_deg = self.timed("skew", lambda: estimate_skew(ink)).skew_deg
        self.timed("rotate", lambda: rotate_gray(cleaned, -skew_deg or 0.5))
        for _ in range(2):
            angle_deg = rng.uniform(-15, 15)
            turned = binarize(clean_page(rotate_gray(gray, angle_deg)))
            found_deg = estimate_skew(turned).skew_deg
            self.skew_errors_deg.append(abs(found_deg - skew_deg - angle_deg))
        for turned_deg in (0, 90, 180, 270):
            turned = binarize(clean_page(rotate_quarter(gray, turned_deg)))
            answer = (estimate_orientation(turned).rotation_deg + turned_deg) % 360
            kind = "upright" if turned_deg == 0 else "turned"
            self.turns[f"{kind} {'right' if answer == 0 else 'wrong'}"] += 1

    def row(self, name: str) -> list[str]:
        steps = ("clean", "binarize", "orient", "quality", "skew", "rotate")
        errors = np.array(self.skew_errors_deg)
        turned = self.turns["turned right"] + self.turns["turned wrong"]
        return [
            name,
            str(self.turns["upright right"] + self.turns["upright wrong"]),
            *(f"{np.median(self.elapsed_ms[step]):.0f}" for step in steps),
            f"{errors.mean():.3f}",
            f"{np.quantile(errors, 0.95):.3f}",
            f"{errors.max():.3f}",
            str(self.turns["upright wrong"]),
            f"{100 * self.turns['turned right'] / turned:.1f} %",
        ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every n-th page only")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    rows = []
    for folder in options.folders:
        figures = Figures()
        rng = random.Random(1)
        for path in sorted(folder.iterdir())[:: options.every]:
            try:
                page = load_page(str(path), 0, Limits())
            except PageError as exc:
                print(f"{path}: {exc}", file=sys.stderr)
                continue
            figures.measure(page.gray, rng)
        if figures.turns:
            rows.append(figures.row(f"{folder.parent.name}/{folder.name}"))
    head = ["folder", "pages", "clean ms", "binarize", "orient", "quality", "skew", "rotate"]
    head += ["skew error deg", "95 %", "max", "upright turned", "turned put right"]
    print(describe_machine())
    print()
    print(markdown_table(head, rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
