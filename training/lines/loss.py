"""CTC loss per character, the same on every Keras backend."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pipeline.vocabulary import BLANK


def ctc_loss_per_character(logits: Any, labels: Any, label_length: Any, steps: Any) -> Any:
    """Mean over the batch of CTC loss divided by the length of the label.

    Args:
        logits: (N, T, C) float32, class 0 is the blank.
        labels: (N, L) int32, padded with 0.
        label_length: (N,) int32, at least 1.
        steps: (N,) int32, valid time steps of each line.
    """
    if keras.backend.backend() == "tensorflow":
        # The sparse kernel of TensorFlow trains long lines twice as fast as the dense operations.
        import tensorflow as tf

        sparse = tf.sparse.from_dense(labels)
        loss = tf.nn.ctc_loss(
            sparse, logits, None, steps, logits_time_major=False, blank_index=BLANK
        )
    elif keras.backend.backend() == "torch":
        import torch  # type: ignore[import-not-found,unused-ignore]

        # Keras' own gives no nought for a line that is too narrow for its label.
        targets, times, lengths = map(ops.convert_to_tensor, (labels, steps, label_length))
        loss = torch.nn.functional.ctc_loss(
            torch.log_softmax(logits, dim=-1).transpose(0, 1), targets, times, lengths,
            blank=BLANK, reduction="none", zero_infinity=True,
        )  # fmt: skip
    else:
        loss = ops.ctc_loss(labels, logits, label_length, steps, mask_index=BLANK)
    return ops.mean(loss / ops.cast(label_length, "float32"))
