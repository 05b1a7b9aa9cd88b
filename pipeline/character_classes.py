"""Which characters may be answered: the values of `PageOptions.classes`."""

from __future__ import annotations

import string
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ocrq.errors import UsageError

CHARACTER_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "digits": string.digits,
        "upper": string.digits + string.ascii_uppercase,
        "alnum": string.digits + string.ascii_letters,
        "ascii": string.digits + string.ascii_letters + string.punctuation,
    }
)


def allowed(classes: str, option: str) -> npt.NDArray[np.bool_]:
    """(C,) which of a model's classes the option allows.

    >>> allowed("1aB.", "upper").tolist()
    [True, False, True, False]

    Raises:
        UsageError: the option is not one of `CHARACTER_CLASSES`.
    """
    if option not in CHARACTER_CLASSES:
        known = ", ".join(CHARACTER_CLASSES)
        raise UsageError(f"there are no character classes {option!r}; known are {known}")
    return np.array([c in CHARACTER_CLASSES[option] for c in classes], np.bool_)
