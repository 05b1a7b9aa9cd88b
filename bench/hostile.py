"""Hostile pages for as long as you like: python -m bench.hostile --minutes 10 --seed 1.

Every page must end within its deadline (of processor time, as a worker would give it) with a sane
result: boxes on the page, numbers that are numbers, the same size. Hypothesis draws the pages; the
first that is none of this is made as simple as it can be, saved and ends the run with exit code 1.
Pages of text that were turned are counted by whether they were read upright: of these a few in a
hundred may be wrong.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
from hypothesis import HealthCheck, given, seed, settings

from bench.hostile_pages import HostilePage, hostile_pages
from bench.machine import describe_machine
from ocrq.config import Settings
from ocrq.types import PageResult
from pipeline.engines.engine import Engine
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.run import process_page

_AT_A_TIME = 200  # pages of one seed


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was read so far."""

    kinds: Counter[str] = field(default_factory=Counter)
    turned: int = 0
    wrong_way: list[str] = field(default_factory=list)
    nearest: tuple[float, str] = (0.0, "")  # share of its deadline, page


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="crnn")
    parser.add_argument("--save", type=Path, default=Path("hostile.png"))
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    engine = load_engine(asked.engine)
    tally, end, number = Tally(), time.monotonic() + 60 * asked.minutes, asked.seed
    while time.monotonic() < end:

        @seed(number)
        @settings(
            max_examples=_AT_A_TIME,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(hostile_pages())
        def read(page: HostilePage) -> None:
            if time.monotonic() >= end:
                return
            fault = _try(page, engine, tally)
            if fault is not None:
                cv2.imwrite(str(asked.save), page.gray)
                raise AssertionError(f"{page.kind}, {page.gray.shape}, {page.options}: {fault}")

        try:
            read()
        except AssertionError as exc:
            print(f"seed {number}: {exc}", file=sys.stderr)
            return 1
        number += 1
    print(describe_machine())
    counts = ", ".join(f"{name} {count}" for name, count in sorted(tally.kinds.items()))
    print(f"{tally.kinds.total()} pages, seeds {asked.seed} to {number - 1}: {counts}")
    print(f"nearest to its deadline: {tally.nearest[1]} ({100 * tally.nearest[0]:.1f} %)")
    print(f"{len(tally.wrong_way)} of {tally.turned} turned pages of text were not read upright")
    for page in tally.wrong_way:
        print(f"  {page}")
    return 0


def _try(page: HostilePage, engine: Engine, tally: Tally) -> str | None:
    """What is wrong with the reading; None if nothing is."""
    height, width = page.gray.shape
    image = PageImage(gray=page.gray, dpi=300, dpi_is_estimated=False, scan_size_px=(width, height))
    usual = Settings()
    start_s = time.process_time()
    try:
        result = process_page(image, page.options, engine)
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"
    taken_s = time.process_time() - start_s
    deadline_s = usual.deadline_s + usual.deadline_s_per_megapixel * page.gray.size / 1e6
    tally.kinds[page.kind] += 1
    name = f"{page.kind} {page.gray.shape}"
    tally.nearest = max(tally.nearest, (taken_s / deadline_s, f"{name} {taken_s:.1f} s"))
    if page.turned_deg is not None:
        tally.turned += 1
        if (result.rotation_deg + page.turned_deg) % 360:
            tally.wrong_way.append(f"{name} turned {page.turned_deg}, by {result.rotation_deg}")
    if taken_s > deadline_s:
        return f"{taken_s:.1f} s, more than its {deadline_s:.0f}"
    return fault_of(result, width, height)


def fault_of(result: PageResult, width_px: int, height_px: int) -> str | None:
    """What cannot be true of a reading of a scan of this size."""
    size = (width_px, height_px)
    if (result.width_px, result.height_px) not in (size, size[::-1]):
        return f"size {result.width_px} x {result.height_px}"
    quality = result.quality
    numbers = [result.skew_deg, quality.sharpness, quality.contrast, quality.ink]
    numbers += [quality.noise or 0.0, quality.x_height_px or 0.0, *result.elapsed_s.values()]
    numbers += [value for line in result.lines for end in line.baseline for value in end]
    if not all(map(math.isfinite, numbers)):
        return "a number that is none"
    boxes = [region.box for region in result.regions]
    boxes += [box for line in result.lines for box in (line.box, *(c.box for c in line.chars))]
    if any(box.x1_px > result.width_px or box.y1_px > result.height_px for box in boxes):
        return "a box beyond the page"
    if quality.is_blank and "blank" not in quality.flags:
        return "blank, but not flagged"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
