"""The deadline of a page, enforced by the kernel: no code of ours has to get a turn for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def killed_after(seconds: float) -> Iterator[None]:
    """End this process by SIGALRM unless the block is left within `seconds`.

    The signal keeps its default action. A Python handler would wait for the interpreter, which a
    loop inside a C library never gives back; so would Celery's soft time limit.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))  # 0 would disarm it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
