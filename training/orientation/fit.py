"""Fits one hidden layer so that of four turned views of a letter the upright one scores best."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.letters import turned_pixels
from training.orientation.gather import Windows

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

_BATCH = 256
_RATE = 2e-3
_DECAY = 2e-4
_TURNS = [turned_pixels(turn) for turn in range(4)]


@dataclass(slots=True)
class Layers:
    """What is fitted: (pixels, K), (K,), (K,)."""

    hidden: Floats
    bias: Floats
    output: Floats

    def forward(self, views: Floats) -> tuple[Floats, Floats]:
        """Activations (4 N, K) and logits (N, 4) of views (N, 4, pixels)."""
        active = np.maximum(views.reshape(-1, views.shape[-1]) @ self.hidden + self.bias, 0.0)
        return active, (active @ self.output).reshape(-1, 4)

    def gradients(self, views: Floats) -> tuple[tuple[Floats, Floats, Floats], float]:
        """Of the mean cross entropy with view 0 as the right one, and that mean."""
        active, logits = self.forward(views)
        share = np.exp(logits - logits.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        loss = float(-np.log(share[:, 0] + 1e-9).mean())
        share[:, 0] -= 1.0
        back = (share / len(share)).reshape(-1)
        inner = np.outer(back, self.output) * (active > 0)
        hidden = views.reshape(-1, views.shape[-1]).T @ inner + _DECAY * self.hidden
        return (hidden, inner.sum(axis=0), active.T @ back), loss


def fit(windows: Windows, *, units: int, epochs: int, seed: int) -> Layers:
    """Fit by Adam with a cosine rate; each epoch logs its loss."""
    rng = np.random.default_rng(seed)
    pixels = windows[0].size
    layers = Layers(
        hidden=rng.normal(0.0, (2 / pixels) ** 0.5, (pixels, units)).astype(np.float32),
        bias=np.zeros(units, np.float32),
        output=rng.normal(0.0, (1 / units) ** 0.5, units).astype(np.float32),
    )
    parts = (layers.hidden, layers.bias, layers.output)
    first = [np.zeros_like(part) for part in parts]
    second = [np.zeros_like(part) for part in parts]
    batches = len(windows) // _BATCH
    for epoch in range(epochs):
        order = rng.permutation(len(windows))
        losses = []
        for k in range(batches):
            step = epoch * batches + k + 1
            rate = _RATE * 0.5 * (1.0 + np.cos(np.pi * step / (epochs * batches)))
            chosen = np.sort(order[k * _BATCH : (k + 1) * _BATCH])
            gradients, loss = layers.gradients(_views(_shift(windows[chosen], rng)))
            losses.append(loss)
            for part, slope, mean, square in zip(parts, gradients, first, second, strict=True):
                mean += 0.1 * (slope - mean)
                square += 0.001 * (slope * slope - square)
                scale = np.sqrt(square / (1.0 - 0.999**step)) + 1e-8
                part -= np.float32(rate / (1.0 - 0.9**step)) * mean / scale
        logger.info("epoch %d: loss %.3f", epoch + 1, np.mean(losses))
    return layers


def right_share(layers: Layers, windows: Windows) -> float:
    """Share of letters whose upright view scores best."""
    right = [
        layers.forward(_views(windows[k : k + 1000]))[1].argmax(axis=1) == 0
        for k in range(0, len(windows), 1000)
    ]
    return float(np.concatenate(right).mean())


def _views(windows: Windows) -> Floats:
    flat = windows.reshape(len(windows), -1).astype(np.float32) / 255
    return np.stack([flat[:, turn] for turn in _TURNS], axis=1)


def _shift(windows: Windows, rng: np.random.Generator) -> Windows:
    """Both windows moved by up to a pixel, each its own way."""
    moved = windows.copy()
    for n in range(windows.shape[1]):
        moved[:, n] = np.roll(windows[:, n], rng.integers(-1, 2, 2), axis=(1, 2))
    return moved
