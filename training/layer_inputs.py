"""What the convolutions of a float LiteRT file see of pictures, in the mean and together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.rounding import Moments

Singles = npt.NDArray[np.float32]

_MOST_PATCHES: Final = 500  # of one picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How a convolution looks at its input."""

    kernel: tuple[int, int]  # rows, columns
    strides: tuple[int, int]
    is_padded: bool  # so that the output is as large as the input over the strides


def patches(inputs: Singles, window: Window) -> Singles:
    """(N, K) what a convolution sees for each of its outputs.

    Args:
        inputs: (1, H, W, C).
        window: of the convolution.

    >>> window = Window(kernel=(1, 2), strides=(1, 2), is_padded=True)
    >>> patches(np.arange(3, dtype=np.float32).reshape(1, 1, 3, 1), window).tolist()
    [[0.0, 1.0], [2.0, 0.0]]
    """
    rows, columns = window.kernel
    if window.is_padded:
        around = [(0, 0)]
        for size, kernel, stride in zip(
            inputs.shape[1:3], window.kernel, window.strides, strict=True
        ):
            lacking = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            around.append((lacking // 2, lacking - lacking // 2))
        inputs = np.pad(inputs, [*around, (0, 0)])
    seen = np.lib.stride_tricks.sliding_window_view(inputs[0], window.kernel, axis=(0, 1))
    seen = seen[:: window.strides[0], :: window.strides[1]]
    return seen.transpose(0, 1, 3, 4, 2).reshape(-1, rows * columns * inputs.shape[3])


class _Sums:
    """Moments of the inputs of one convolution, gathered picture by picture."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._count = 0
        self._sum: Any = 0.0
        self._squares: Any = 0.0

    def add(self, inputs: Singles, rng: np.random.Generator) -> None:
        """Some of the places of one picture's inputs (1, H, W, C)."""
        seen = patches(inputs, self._window).astype(np.float64)
        if len(seen) > _MOST_PATCHES:
            seen = seen[rng.choice(len(seen), _MOST_PATCHES, replace=False)]
        self._count += len(seen)
        self._sum = self._sum + seen.sum(axis=0)
        self._squares = self._squares + seen.T @ seen

    def moments(self) -> Moments:
        """Of all that was added; at least one picture."""
        mean = self._sum / self._count
        return Moments(mean=mean, covariance=self._squares / self._count - np.outer(mean, mean))


def gather(
    float_file: bytes, inputs_of: Sequence[tuple[int, Window]], pictures: Sequence[Singles]
) -> list[Moments]:
    """Moments of each convolution's inputs.

    Args:
        float_file: LiteRT, of one input.
        inputs_of: number of the tensor that each convolution looks at, and how.
        pictures: (1, H, W, C) inputs of the file, one or more.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    with TemporaryDirectory(prefix="ocrq-moments-") as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(float_file)
        # A delegate keeps to itself what lies between the layers that it computes.
        interpreter: Any = Interpreter(
            model_path=str(path),
            num_threads=1,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        return _gather(interpreter, inputs_of, pictures)


def _gather(
    interpreter: Any, inputs_of: Sequence[tuple[int, Window]], pictures: Sequence[Singles]
) -> list[Moments]:
    rng = np.random.default_rng(0)
    sums = [_Sums(window) for _, window in inputs_of]
    entry = interpreter.get_input_details()[0]["index"]
    shape: tuple[int, ...] = ()
    for picture in sorted(pictures, key=lambda p: p.shape[2]):
        if picture.shape != shape:
            shape = picture.shape
            interpreter.resize_tensor_input(entry, shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(entry, picture)
        interpreter.invoke()
        for (tensor, _), found in zip(inputs_of, sums, strict=True):
            found.add(interpreter.get_tensor(tensor), rng)
    return [found.moments() for found in sums]
