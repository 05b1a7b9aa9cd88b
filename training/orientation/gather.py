"""Letters that are known to be upright: from scanned lines, scanned pages and fonts."""

from __future__ import annotations

import io
import logging
import random
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pipeline.binarize import binarize
from pipeline.clean import clean_page
from pipeline.deskew import rotate_gray
from pipeline.image import GrayImage
from pipeline.letters import find_letters

logger = logging.getLogger(__name__)

Windows = npt.NDArray[np.uint8]  # (N, 2, side, side), see pipeline.letters.Letters


def windows_of(page: GrayImage, rng: random.Random, limit: int) -> Windows:
    """Letter windows of an upright page that was skewed a little."""
    turned = rotate_gray(page, rng.gauss(0.0, 3.0))
    return find_letters(binarize(clean_page(turned)), limit).windows(slice(None))


def pages_of_lines(archive: Path, count: int, rng: random.Random) -> Iterator[GrayImage]:
    """Pages put together from 4 to 15 neighbouring line images of a zip file."""
    with zipfile.ZipFile(archive) as images:
        names = sorted(n for n in images.namelist() if n.lower().endswith((".jpg", ".png")))
        for _ in range(count):
            first = rng.randrange(max(len(names) - 15, 1))
            lines = [
                np.asarray(Image.open(io.BytesIO(images.read(name))).convert("L"))
                for name in names[first : first + rng.randint(4, 15)]
            ]
            yield _stack(lines, rng)


def scanned_pages(folder: Path) -> Iterator[GrayImage]:
    """The images of a folder."""
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            yield np.asarray(image.convert("L"))


def drawn_pages(
    fonts: Sequence[Path], lines: Sequence[str], rng: random.Random
) -> Iterator[GrayImage]:
    """A page in each font: sentences, capitals, forms with numbers."""
    for path in fonts:
        size = rng.randint(18, 44)
        try:
            font = ImageFont.truetype(str(path), size)
        except OSError:
            logger.info("no font: %s", path)
            continue
        page = Image.new("L", (1100, 900), 255)
        pen = ImageDraw.Draw(page)
        in_capitals = rng.random() < 0.35
        spacing = rng.uniform(1.1, 1.8)
        y = 40.0
        while y < 820:
            text = rng.choice(lines)
            x = 40 if rng.random() < 0.7 else rng.randint(40, 300)
            pen.text((x, y), text.upper() if in_capitals else text, 0, font=font)
            y += size * spacing
        yield np.asarray(page)


def _stack(lines: Sequence[GrayImage], rng: random.Random) -> GrayImage:
    width = max(line.shape[1] for line in lines) + 80
    gap = rng.randint(0, 25)
    is_ragged = rng.random() < 0.4
    paper = int(np.percentile(lines[0], 80))
    rows = [np.full((30, width), paper, np.uint8)]
    for line in lines:
        height, length = line.shape
        row = np.full((height + gap, width), int(np.percentile(line, 80)), np.uint8)
        x = rng.randint(20, width - length - 20) if is_ragged else 30
        row[:height, x : x + length] = line
        rows.append(row)
    return np.vstack([*rows, rows[0]])
