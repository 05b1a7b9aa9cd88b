"""Keeping a process to its share of the cores."""

from __future__ import annotations

import cv2


def limit_threads(threads: int) -> None:
    """Let OpenCV and TensorFlow use so many threads; must come before TensorFlow's first work."""
    import tensorflow as tf

    cv2.setNumThreads(threads)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        # TensorFlow runs already in this process; its threads stay as they are.
        return
