"""Batches of lines of like width, drawn from weighted sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.line_image import HEIGHT_PX, STRIDE_PX
from pipeline.vocabulary import encode
from training.lines.jitter import jitter
from training.lines.synthesise import Lines

GrayImage = npt.NDArray[np.uint8]

#: Columns in a batch: wide lines come in small batches, so that a step costs much the same.
AREA_PX = 14_336
_WIDTH_STEP_PX = 64
_LABEL_STEP = 8
_CHUNK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One training step's lines."""

    image: npt.NDArray[np.uint8]  # (N, 32, W, 1), ink 255
    steps: npt.NDArray[np.int32]  # (N,) valid time steps
    labels: npt.NDArray[np.int32]  # (N, L) padded with 0
    label_length: npt.NDArray[np.int32]  # (N,)


class Source(Protocol):
    """Somewhere lines come from."""

    def take(self, rng: np.random.Generator, count: int) -> Sequence[tuple[GrayImage, str]]:
        """`count` lines drawn at random."""


class Stored:
    """Lines that are there, each as likely as any other."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def take(self, rng: np.random.Generator, count: int) -> Sequence[tuple[GrayImage, str]]:
        """`count` of the lines; one may come twice."""
        picks = rng.integers(len(self._lines), size=count).tolist()
        return [(self._lines.images[k], self._lines.texts[k]) for k in picks]


def draw_batches(
    rng: np.random.Generator, sources: list[tuple[float, Source]], area_px: int = AREA_PX
) -> Iterator[Batch]:
    """Batches for ever; each source is drawn with its weight.

    Args:
        rng: draws the lines and what is done to them.
        sources: weight and source.
        area_px: columns of a batch, all its lines together.
    """
    weights = np.array([weight for weight, _ in sources])
    while True:
        counts = rng.multinomial(_CHUNK, weights / weights.sum())
        drawn = [
            line
            for (_, source), count in zip(sources, counts.tolist(), strict=True)
            for line in source.take(rng, count)
        ]
        images = [jitter(rng, image) for image, _ in drawn]
        yield from _of_like_width(rng, images, [text for _, text in drawn], area_px)


def _of_like_width(
    rng: np.random.Generator, images: list[GrayImage], texts: list[str], area_px: int
) -> Iterator[Batch]:
    """All of the lines: neighbours by width together, the batches in any order."""
    widths = np.array([image.shape[1] for image in images])
    groups: list[list[int]] = [[]]
    for k in np.lexsort((rng.random(len(widths)), widths)).tolist():
        width = -(-int(widths[k]) // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
        if len(groups[-1]) >= max(4, area_px // width):
            groups.append([])
        groups[-1].append(k)
    for n in rng.permutation(len(groups)).tolist():
        yield make_batch([images[k] for k in groups[n]], [texts[k] for k in groups[n]])


def make_batch(images: list[GrayImage], texts: list[str]) -> Batch:
    """Pad lines to one width and labels to one length."""
    labels = [encode(text) for text in texts]
    width = -(-max(i.shape[1] for i in images) // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
    length = -(-max(len(label) for label in labels) // _LABEL_STEP) * _LABEL_STEP
    image = np.zeros((len(images), HEIGHT_PX, width, 1), np.uint8)
    padded = np.zeros((len(images), length), np.int32)
    for k, (picture, label) in enumerate(zip(images, labels, strict=True)):
        image[k, :, : picture.shape[1], 0] = picture
        padded[k, : len(label)] = label
    return Batch(
        image=image,
        steps=np.array([-(-i.shape[1] // STRIDE_PX) for i in images], np.int32),
        labels=padded,
        label_length=np.array([len(label) for label in labels], np.int32),
    )
