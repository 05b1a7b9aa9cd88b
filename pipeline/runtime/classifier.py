"""A trained model as a classifier of characters: pixels in, calibrated probabilities out."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.runtime.protocol import Pictures, Probabilities
from pipeline.weights import ModelFiles, verify


class Runtime(Protocol):
    """What runs the graph: LiteRTModel or TensorFlowModel."""

    @property
    def input_dtype(self) -> type[np.generic]: ...

    def run(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]: ...


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
        pictures: npt.NDArray[Any] = images[..., None]
        if self._runtime.input_dtype is not np.uint8:
            pictures = pictures.astype(np.float32) / np.float32(255)
        return softmax(self._runtime.run(pictures) / self._temperature)


def load_classifier(
    model: ModelFiles, device: Literal["cpu", "gpu"] = "cpu", num_threads: int = 1
) -> ResNetClassifier:
    """Check and load a model: LiteRT int8 on the CPU, TensorFlow float on the GPU.

    Raises:
        ModelError: the files are not the shipped ones or cannot be loaded.
    """
    verify(model)
    runtime: Runtime
    if device == "gpu":
        from pipeline.runtime.tensorflow import TensorFlowModel

        runtime = TensorFlowModel(model.folder / "model.keras")
    else:
        from pipeline.runtime.litert import LiteRTModel

        runtime = LiteRTModel(model.folder / "model.tflite", num_threads)
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
