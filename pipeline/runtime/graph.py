"""A trained graph, whatever runs it: LiteRT int8 on the CPU, TensorFlow float on the GPU."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.weights import ModelFiles, verified_file


class Runtime(Protocol):
    """What runs the graph: LiteRTModel or TensorFlowModel."""

    @property
    def input_dtype(self) -> type[np.generic]: ...

    @property
    def lines_at_a_time(self) -> int:
        """Lines of text that one call takes best: pictures of like width, no more than fit."""

    @property
    def width_step_px(self) -> int:
        """Pictures of lines are as wide as a multiple of this."""

    def run(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]: ...


def load_runtime(
    model: ModelFiles, device: Literal["cpu", "gpu"] = "cpu", num_threads: int = 1
) -> Runtime:
    """Check and load a model.

    Raises:
        ModelError: the files are not the shipped ones or cannot be loaded.
    """
    if device == "gpu":
        from pipeline.runtime.tensorflow import TensorFlowModel

        return TensorFlowModel(verified_file(model, "model.keras"))
    from pipeline.runtime.litert import LiteRTModel

    return LiteRTModel(verified_file(model, "model.tflite"), num_threads)


def run_pixels(runtime: Runtime, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Outputs for uint8 pixels (N, ...), 255 = full ink; a float graph gets them as 0..1."""
    if runtime.input_dtype is np.uint8:
        return runtime.run(pixels)
    return runtime.run(np.divide(pixels, np.float32(255), dtype=np.float32))
