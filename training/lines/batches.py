"""Batches of lines of like width, drawn from weighted sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.line_image import HEIGHT_PX, STRIDE_PX
from pipeline.vocabulary import encode
from training.lines.jitter import jitter
from training.lines.synthesise import Lines

GrayImage = npt.NDArray[np.uint8]

#: Columns in a batch: wide lines come in small batches, so that a step costs much the same.
_AREA_PX = 14_336
_WIDTH_STEP_PX = 64
_LABEL_STEP = 8
_CHUNK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One training step's lines."""

    image: npt.NDArray[np.float32]  # (N, 32, W, 1), ink 1
    steps: npt.NDArray[np.int32]  # (N,) valid time steps
    labels: npt.NDArray[np.int32]  # (N, L) padded with 0
    label_length: npt.NDArray[np.int32]  # (N,)


def draw_batches(rng: np.random.Generator, sources: list[tuple[float, Lines]]) -> Iterator[Batch]:
    """Batches for ever; each source is drawn with its weight, lines within it uniformly."""
    weights = np.array([weight for weight, _ in sources])
    while True:
        chosen = rng.choice(len(sources), size=_CHUNK, p=weights / weights.sum())
        lines = [sources[k][1] for k in chosen]
        picks = [int(rng.integers(len(source))) for source in lines]
        images = [jitter(rng, s.images[k]) for s, k in zip(lines, picks, strict=True)]
        texts = [s.texts[k] for s, k in zip(lines, picks, strict=True)]
        yield from _bucketed(rng, images, texts)


def _bucketed(
    rng: np.random.Generator, images: list[GrayImage], texts: list[str]
) -> Iterator[Batch]:
    widths = np.array([-(-i.shape[1] // _WIDTH_STEP_PX) * _WIDTH_STEP_PX for i in images])
    groups = []
    for width in np.unique(widths):
        members = rng.permutation(np.flatnonzero(widths == width))
        size = max(4, _AREA_PX // int(width))
        groups += [members[k : k + size] for k in range(0, len(members), size)]
    for k in rng.permutation(len(groups)):
        members = groups[k]
        yield make_batch([images[m] for m in members], [texts[m] for m in members])


def make_batch(images: list[GrayImage], texts: list[str]) -> Batch:
    """Pad lines to one width and labels to one length."""
    labels = [encode(text) for text in texts]
    width = -(-max(i.shape[1] for i in images) // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
    length = -(-max(len(label) for label in labels) // _LABEL_STEP) * _LABEL_STEP
    image = np.zeros((len(images), HEIGHT_PX, width, 1), np.float32)
    padded = np.zeros((len(images), length), np.int32)
    for k, (picture, label) in enumerate(zip(images, labels, strict=True)):
        image[k, :, : picture.shape[1], 0] = picture
        padded[k, : len(label)] = label
    image /= 255.0
    return Batch(
        image=image,
        steps=np.array([-(-i.shape[1] // STRIDE_PX) for i in images], np.int32),
        labels=padded,
        label_length=np.array([len(label) for label in labels], np.int32),
    )
