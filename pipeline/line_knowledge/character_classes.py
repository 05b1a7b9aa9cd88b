"""Which characters may be answered: the values of `PageOptions.classes`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.nets.vocabulary import class_set


def allowed(classes: str, option: str) -> npt.NDArray[np.bool_]:
    """(C,) which of a model's classes the option allows.

    >>> allowed("1aB.", "upper36").tolist()
    [True, False, True, False]

    Raises:
        UsageError: the option names none of the class sets.
    """
    members = class_set(option)
    return np.array([c in members for c in classes], np.bool_)
