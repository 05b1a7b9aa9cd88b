"""Trouble that lasts: say it once, with what to do, and ask less and less often."""

from __future__ import annotations

import logging

from ocrq.errors import StoreFull

logger = logging.getLogger(__name__)

#: The first pause and the longest; a database that is back is noticed within the longest.
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
#: A reminder while the same trouble goes on.
_SAY_AGAIN_S = 300.0


class Trouble:
    """What keeps this process from claiming pages, and since when.

    >>> trouble = Trouble()
    >>> [trouble.note(StoreFull("no space"), now_s=float(second)) for second in range(7)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    """

    def __init__(self) -> None:
        self._sentence: str | None = None
        self._said_s = 0.0
        self._pause_s = 0.0

    def note(self, error: Exception, now_s: float) -> float:
        """A try failed; logs it unless that was said of late.

        Returns:
            Seconds until the next try.
        """
        sentence = str(error)
        if sentence != self._sentence or now_s - self._said_s >= _SAY_AGAIN_S:
            self._sentence, self._said_s = sentence, now_s
            cure = "free some" if isinstance(error, StoreFull) else "it goes on when it is back"
            logger.warning("no page can be claimed: %s; %s", sentence, cure)
        self._pause_s = min(max(2 * self._pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
        return self._pause_s

    def end(self) -> None:
        """A try succeeded."""
        if self._sentence is not None:
            logger.warning("pages can be claimed again")
        self._sentence, self._pause_s = None, 0.0
