"""What the child processes that render PDF pages have in common; light, for each page starts one.

A child writes its page as PGM, or as PPM when its last argument is `COLOUR`, to standard output
and tells by its exit status why none came.
"""

from __future__ import annotations

import resource
from enum import IntEnum

COLOUR = "colour"


class Ended(IntEnum):
    """How a rendering child ended; Python itself ends with 1 after an exception."""

    WRITTEN = 0
    DAMAGED = 1
    TOO_LARGE = 2  # nothing written but the header
    ENCRYPTED = 3
    TOO_SLOW = 4
    TIMED_OUT = 5
    NOT_STARTED = 6  # poppler's programs; their fault or the machine's, not the page's
    NO_PAGE = 7


def limit_processor_time(seconds: int) -> None:
    """End this process, and each that it starts from here on, once it has worked so long.

    The child sets it itself, first of all: no code runs between fork and exec, and nothing that
    hangs on a file outlives a parent that was killed.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
