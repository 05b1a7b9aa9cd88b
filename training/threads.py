"""Keeping a process to its share of the cores."""

from __future__ import annotations

import os

import cv2

from training.quiet_import import load_tensorflow


def limit_threads(threads: int) -> None:
    """Let OpenCV and Keras's backend use so many threads; must come before its first work."""
    cv2.setNumThreads(threads)
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend == "tensorflow":
        load_tensorflow()
        import tensorflow as tf

        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        except RuntimeError:
            # TensorFlow runs already in this process; its threads stay as they are.
            return
    elif backend == "torch":
        import torch  # type: ignore[import-not-found,unused-ignore]

        torch.set_num_threads(threads)
