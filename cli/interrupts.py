"""Ctrl-C in two steps: the first asks for a stop at a good place, the second stops at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_interrupt(announce: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Ask `should_stop()` inside the block; a second Ctrl-C raises KeyboardInterrupt.

    Args:
        announce: called at the first Ctrl-C, to say what happens now.
    """
    is_asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_asked
        if is_asked:
            raise KeyboardInterrupt
        is_asked = True
        announce()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield lambda: is_asked
    finally:
        signal.signal(signal.SIGINT, before)
