"""Hostile pages for as long as you like: python -m bench.hostile --minutes 10 --seed 1.

Every page must end within its deadline (of processor time, as a worker would give it) with a sane
result: boxes on the page, numbers that are numbers, the same size. The first that does not is
saved, named with its seed, and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.machine import describe_machine
from ocrq.config import Settings
from ocrq.types import PageOptions, PageResult
from pipeline.engines.engine import Engine
from pipeline.engines.registry import load_engine
from pipeline.image import GrayImage, PageImage
from pipeline.run import process_page

Rng = np.random.Generator


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="crnn")
    parser.add_argument("--save", type=Path, default=Path("hostile.png"))
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    engine = load_engine(asked.engine)
    usual = Settings()
    kinds: Counter[str] = Counter()
    slowest = (0.0, "")
    end = time.monotonic() + 60 * asked.minutes
    seed = asked.seed
    while time.monotonic() < end:
        name, gray, options = draw(np.random.default_rng(seed))
        start_s = time.process_time()
        fault = _try(gray, options, engine)
        taken_s = time.process_time() - start_s
        deadline_s = usual.deadline_s + usual.deadline_s_per_megapixel * gray.size / 1e6
        if fault is None and taken_s > deadline_s:
            fault = f"{taken_s:.1f} s, more than its {deadline_s:.0f}"
        if fault is not None:
            cv2.imwrite(str(asked.save), gray)
            print(f"seed {seed}, {name}, {gray.shape}, {options}: {fault}", file=sys.stderr)
            return 1
        slowest = max(slowest, (taken_s / deadline_s, f"{name} {gray.shape} {taken_s:.1f} s"))
        kinds[name] += 1
        seed += 1
    print(describe_machine())
    counts = ", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))
    print(f"{kinds.total()} pages, seeds {asked.seed} to {seed - 1}: {counts}")
    print(f"nearest to its deadline: {slowest[1]} ({100 * slowest[0]:.1f} %)")
    return 0


def draw(rng: Rng) -> tuple[str, GrayImage, PageOptions]:
    """A random kind of page, of a random and often absurd shape."""
    shapes = [(1, 9000), (9000, 1), (12, 30_000), (300, 30_000), (2, 2), (700, 500), (1500, 1100)]
    height, width = shapes[rng.integers(len(shapes))]
    if rng.random() < 0.5:
        height, width = (int(2 ** rng.uniform(0, 11.2)) for _ in range(2))
    kind = list(_KINDS)[rng.integers(len(_KINDS))]
    gray = _KINDS[kind](rng, height, width)
    if rng.random() < 0.3:
        gray = np.bitwise_not(gray)
    if rng.random() < 0.3:
        small = cv2.GaussianBlur(gray, (0, 0), float(rng.uniform(0.3, 6)))
        gray = np.clip(small + rng.normal(0, rng.uniform(0, 40), gray.shape), 0, 255)
    flags = {
        name: bool(rng.random() < 0.7)
        for name in ("orient", "deskew", "clean", "remove_rules", "rectify")
    }
    page = np.ascontiguousarray(gray, np.uint8)
    return kind, page, PageOptions(**flags)  # type: ignore[arg-type]


def _one_tone(rng: Rng, height: int, width: int) -> GrayImage:
    tone = (0, 255, int(rng.integers(256)))[rng.integers(3)]
    return np.full((height, width), tone, np.uint8)


def _noise(rng: Rng, height: int, width: int) -> GrayImage:
    return rng.integers(0, 256, (height, width), dtype=np.uint8)


def _dots(rng: Rng, height: int, width: int) -> GrayImage:
    share = rng.choice([0.001, 0.02, 0.2, 0.5])
    return np.where(rng.random((height, width)) < share, 0, 255).astype(np.uint8)


def _stripes(rng: Rng, height: int, width: int) -> GrayImage:
    period = int(rng.integers(2, 60))
    y, x = np.ogrid[:height, :width]
    slope = rng.choice([0.0, 0.02, 1.0, 50.0])
    return np.where((y + slope * x) % period < period * rng.uniform(0.1, 0.9), 0, 255).astype(
        np.uint8
    )


def _chequers(rng: Rng, height: int, width: int) -> GrayImage:
    side = int(rng.integers(1, 40))
    y, x = np.ogrid[:height, :width]
    return np.asarray(((y // side + x // side) % 2) * 255, np.uint8)


def _photograph(rng: Rng, height: int, width: int) -> GrayImage:
    picture = np.zeros((height, width), np.float32)
    for scale in (2, 5, 17, 60):
        coarse = rng.normal(0, scale, (height // scale + 2, width // scale + 2))
        picture += cv2.resize(coarse.astype(np.float32), (width, height))
    return np.clip(128 + picture, 0, 255).astype(np.uint8)


def _shapes(rng: Rng, height: int, width: int) -> GrayImage:
    page = np.full((height, width), 230, np.uint8)
    for _ in range(int(rng.integers(1, 80))):
        a, b = ([int(rng.integers(width)), int(rng.integers(height))] for _ in range(2))
        tone = int(rng.integers(256))
        thickness = int(rng.integers(1, 30))
        if rng.random() < 0.5:
            cv2.line(page, a, b, tone, thickness)
        else:
            cv2.rectangle(page, a, b, tone, int(rng.choice([-1, thickness])))
    return page


def _text(rng: Rng, height: int, width: int) -> GrayImage:
    page = np.full((height, width), 255, np.uint8)
    size = float(rng.uniform(0.2, 3))
    step = max(4, int(30 * size))
    for y in range(step, min(height, 40 * step), step):
        words = "".join(chr(rng.integers(33, 127)) for _ in range(int(rng.integers(1, 80))))
        x = int(rng.integers(-20, max(1, width // 2)))
        cv2.putText(page, words, (x, y), int(rng.integers(0, 8)), size, 0, max(1, int(2 * size)))
    turn = rng.choice([0.0, 0.0, rng.uniform(-30, 30), 90.0, 180.0])
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(turn), 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=255), np.uint8)


_KINDS: dict[str, Callable[[Rng, int, int], GrayImage]] = {
    "one tone": _one_tone,
    "noise": _noise,
    "dots": _dots,
    "stripes": _stripes,
    "chequers": _chequers,
    "photograph": _photograph,
    "shapes": _shapes,
    "text": _text,
}


def _try(gray: GrayImage, options: PageOptions, engine: Engine) -> str | None:
    """What is wrong with the reading; None if nothing is."""
    height, width = gray.shape
    image = PageImage(gray=gray, dpi=300, dpi_is_estimated=False, scan_size_px=(width, height))
    try:
        result = process_page(image, options, engine)
    except Exception as exc:
        return f"{type(exc).__name__}: {exc}"
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
