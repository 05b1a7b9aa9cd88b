"""A trained model as a classifier of characters: pixels in, calibrated probabilities out."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from pipeline.runtime.graph import Runtime, load_runtime, run_pixels
from pipeline.runtime.protocol import Pictures, Probabilities
from pipeline.weights import ModelFiles


class ResNetClassifier:
    """A GlyphClassifier made of a graph that gives logits, and its card."""

    def __init__(
        self, runtime: Runtime, classes: str, temperature: float, reject_index: int | None
    ) -> None:
        self._runtime = runtime
        self._temperature = np.float32(temperature)
        self.classes = classes
        self.reject_index = reject_index

    def classify(self, images: Pictures) -> Probabilities:
        """See pipeline.runtime.protocol.GlyphClassifier."""
        return softmax(run_pixels(self._runtime, images[..., None]) / self._temperature)


def load_classifier(
    model: ModelFiles, device: Literal["cpu", "gpu"] = "cpu", num_threads: int = 1
) -> ResNetClassifier:
    """Check and load a model as a classifier.

    Raises:
        ModelError: the files are not the shipped ones or cannot be loaded.
    """
    runtime = load_runtime(model, device, num_threads)
    return ResNetClassifier(runtime, model.classes, model.temperature, model.reject_index)


def softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows (N, C) of logits as probabilities.

    >>> softmax(np.array([[0.0, 0.0], [200.0, 0.0]], np.float32)).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    result: npt.NDArray[np.float32] = (shifted / shifted.sum(axis=1, keepdims=True)).astype(
        np.float32
    )
    return result
