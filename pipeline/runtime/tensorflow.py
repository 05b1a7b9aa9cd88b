"""Running a Keras model in TensorFlow, for GPUs: large batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ocrq.errors import ModelError

#: Pixels of one call, which bounds its memory: 2048 pictures of characters, 64 lines 1024 wide.
_CHUNK_PX: Final = 2048 * 32 * 32


class TensorFlowModel:
    """One input (N, ...) float32, one output (N, ..., C), on the first GPU or else the CPU."""

    input_dtype = np.float32
    lines_at_a_time = 64
    width_step_px = 64  # each width is traced anew

    def __init__(self, path: Path) -> None:
        import keras

        try:
            self._model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
        except (ValueError, OSError) as exc:
            raise ModelError(f"{path}: cannot be loaded by Keras: {exc}") from exc

    def run(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """(N, ..., C) float32 outputs; (0, C) for no rows."""
        if len(batch) == 0:
            return np.empty((0, int(self._model.output_shape[-1])), dtype=np.float32)
        rows = max(1, _CHUNK_PX // max(1, int(np.prod(batch.shape[1:]))))
        starts = range(0, len(batch), rows)
        return np.concatenate([self._run_chunk(batch[s : s + rows]) for s in starts])

    def _run_chunk(self, chunk: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        # A rest is filled up to a power of two, so that few shapes occur: each is traced anew.
        rows = 1 << (len(chunk) - 1).bit_length()
        padded = np.zeros((rows, *chunk.shape[1:]), dtype=np.float32)
        padded[: len(chunk)] = chunk
        outputs = np.asarray(self._model.predict_on_batch(padded), dtype=np.float32)
        return outputs[: len(chunk)]
