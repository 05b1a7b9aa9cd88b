"""Shards of synthetic lines on disk, so that training and drawing can run side by side."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.lines.fonts import FontChoice
from training.lines.render import render_line
from training.lines.text import TextSource, draw_text

GrayImage = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Line pictures, each (32, W) uint8 with ink 255, and what each says."""

    images: tuple[GrayImage, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)


def draw_lines(
    seed: int, count: int, source: TextSource, fonts: FontChoice, max_chars: int = 56
) -> Lines:
    """Draw `count` lines; equal seeds give equal lines."""
    rng = random.Random(seed)
    images: list[GrayImage] = []
    texts: list[str] = []
    while len(images) < count:
        limit = max_chars if rng.random() < 0.6 else max_chars // 3
        text = draw_text(rng, source, limit)
        path = fonts.draw(rng, text)
        picture = render_line(rng, text, path) if path else None
        if picture is not None:
            images.append(picture)
            texts.append(text)
    return Lines(images=tuple(images), texts=tuple(texts))


def save_lines(path: Path, lines: Lines) -> None:
    """One compressed file; written whole or not at all."""
    part = path.with_suffix(".part.npz")
    np.savez_compressed(
        part,
        pixels=np.concatenate(lines.images, axis=1),
        widths=np.array([image.shape[1] for image in lines.images], np.int32),
        texts=np.array(lines.texts),
    )
    part.rename(path)


def load_lines(path: Path) -> Lines:
    """Read what `save_lines` wrote."""
    with np.load(path) as stored:
        pixels, widths, texts = stored["pixels"], stored["widths"], stored["texts"].tolist()
    ends = np.cumsum(widths)
    images = tuple(pixels[:, end - width : end] for end, width in zip(ends, widths, strict=True))
    return Lines(images=images, texts=tuple(texts))


def load_texts(path: Path) -> tuple[str, ...]:
    """The labels alone of what `save_lines` wrote."""
    with np.load(path) as stored:
        return tuple(stored["texts"].tolist())


def count_lines(path: Path) -> int:
    """How many lines a file of `save_lines` has."""
    with np.load(path) as stored:
        return len(stored["widths"])


def join(parts: Sequence[Lines]) -> Lines:
    """All lines of all parts."""
    return Lines(
        images=tuple(image for part in parts for image in part.images),
        texts=tuple(text for part in parts for text in part.texts),
    )
