"""How long a page may be read, by the kernel's clock, and how long its result may be written."""

from __future__ import annotations

import os
import signal
import threading
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


@contextmanager
def left_after(seconds: float, status: int) -> Iterator[None]:
    """End this process with `status` unless the block is left within `seconds`.

    For waits that are not the page's doing. A thread is enough, as whoever waits for a server gives
    the interpreter back; and a status is no SIGALRM, which means the deadline.
    """
    timer = threading.Timer(seconds, os._exit, (status,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
