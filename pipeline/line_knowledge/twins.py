"""Characters that look alike once their size and place are taken away.

The classifier sees a picture without scale, but its training set had its own mixture of twins, so
it is surer of one of them than the picture allows. Part of its probability is shared out again;
heights on the line and neighbours decide (`geometry`, `context`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TWINS: Final = ("0Oo", "1Il|", "5Ss", "2Zz", "8B", "Cc", "Kk", "Pp", "Uu", "Vv", "Ww", "Xx", ".,'`")
_SHARED: Final = 0.15  # of the probability of each twin


def twin_matrix(classes: str) -> Floats:
    """(C, C) that shares out probabilities: `probabilities @ matrix`; its rows sum to 1.

    >>> (np.array([0.9, 0.0, 0.1]) @ twin_matrix("lIx")).round(2).tolist()
    [0.83, 0.07, 0.1]
    """
    matrix = np.eye(len(classes))
    for twins in TWINS:
        members = [classes.index(c) for c in twins if c in classes]
        for k in members:
            matrix[k, members] += _SHARED / len(members)
            matrix[k, k] -= _SHARED
    return matrix
