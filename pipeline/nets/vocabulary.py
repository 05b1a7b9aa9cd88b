"""Which characters the classifier knows, and the named subsets that a user may ask for."""

from __future__ import annotations

import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from ocrq.errors import UsageError

#: The 94 printable ASCII characters in the order of the outputs; a space is a gap, not a class.
ASCII_CLASSES: Final = (
    string.digits + string.ascii_uppercase + string.ascii_lowercase + string.punctuation
)

#: What `PageOptions.classes` may name.
CLASS_SETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "digits": string.digits,
        "upper": string.ascii_uppercase,
        "upper36": string.digits + string.ascii_uppercase,
        "alnum": string.digits + string.ascii_uppercase + string.ascii_lowercase,
        "ascii": ASCII_CLASSES,
    }
)


def class_set(name: str) -> str:
    """The characters of a named set.

    >>> class_set("digits")
    '0123456789'

    Raises:
        UsageError: there is no such set; names those there are.
    """
    try:
        return CLASS_SETS[name]
    except KeyError:
        raise UsageError(
            f"there are no classes named {name!r}; known are {', '.join(CLASS_SETS)}"
        ) from None


def restrict(
    probabilities: npt.NDArray[np.float32], classes: str, allowed: str
) -> npt.NDArray[np.float32]:
    """Probabilities given that the character is one of `allowed`.

    Args:
        probabilities: (N, C) rows that sum to 1; columns beyond `classes` (a reject class) are
            dropped.
        classes: the characters of the first columns.
        allowed: the characters that are possible; those that `classes` lacks are ignored.

    Returns:
        (N, len(classes)) float32, zero outside `allowed`, rows summing to 1. A row without any
        probability on `allowed` becomes uniform over it.

    >>> restrict(np.array([[0.5, 0.25, 0.25]], np.float32), "0O", "O")
    array([[0., 1.]], dtype=float32)
    """
    mask = np.array([c in allowed for c in classes], dtype=np.float32)
    if not mask.any():
        raise UsageError(f"the model knows none of the characters {allowed!r}")
    kept = probabilities[:, : len(classes)].astype(np.float32) * mask
    total = kept.sum(axis=1, keepdims=True)
    result: npt.NDArray[np.float32] = np.where(
        total > 0, kept / np.maximum(total, np.float32(1e-30)), mask / mask.sum()
    ).astype(np.float32)
    return result
