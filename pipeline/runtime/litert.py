"""Running a LiteRT file on CPU cores, without TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocrq.errors import ModelError

#: Rows of one call: more gains nothing, fewer pay for the calls.
_CHUNK: Final = 64


class LiteRTModel:
    """One input (N, ...), one output (N, ..., C); N and a width are free. Not thread-safe."""

    #: More share the width of the widest: a seventh to a fifth of the columns were paper for that.
    lines_at_a_time = 1
    width_step_px = 16

    def __init__(self, path: Path, num_threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            with _quiet_stderr():
                self._interpreter: Any = Interpreter(model_path=str(path), num_threads=num_threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as exc:
            raise ModelError(f"{path}: cannot be loaded by LiteRT: {exc}") from exc
        self._input: Any = self._interpreter.get_input_details()[0]
        self._output: Any = self._interpreter.get_output_details()[0]
        self._shape: tuple[int, ...] = ()

    @property
    def input_dtype(self) -> type[np.generic]:
        """uint8 for files that take pixels as they are, else float32 in 0..1."""
        dtype: type[np.generic] = self._input["dtype"]
        return dtype

    def run(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """(N, ..., C) float32 outputs of a batch of the input's dtype; (0, C) for no rows."""
        if len(batch) == 0:
            return np.empty((0, int(self._output["shape_signature"][-1])), dtype=np.float32)
        if len(batch) <= _CHUNK:
            return self._run_chunk(batch)
        starts = range(0, len(batch), _CHUNK)
        return np.concatenate([self._run_chunk(batch[s : s + _CHUNK]) for s in starts])

    def _run_chunk(self, chunk: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        if chunk.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input["index"], chunk.shape)
            self._interpreter.allocate_tensors()
            self._shape = chunk.shape
        self._interpreter.set_tensor(self._input["index"], chunk)
        self._interpreter.invoke()
        values = self._interpreter.get_tensor(self._output["index"])
        if values.dtype == np.float32:
            return np.asarray(values, dtype=np.float32)
        scale, zero = self._output["quantization"]
        floats: npt.NDArray[np.float32] = ((values.astype(np.float32) - zero) * scale).astype(
            np.float32
        )
        return floats


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep what LiteRT's C++ code says at its start ("Created ... delegate") off the terminal.

    It goes to file descriptor 2 whatever Python's logging says, into the middle of a progress bar.
    Faults are exceptions and do not pass this way.
    """
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
