"""Readers of our output that leave early (`| head`), and what may go on without them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _LastingFile(io.FileIO):
    """A file that takes whatever is written, though it may keep nothing."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data) or 0
        except OSError:  # the pipe was closed, the terminal is gone, the disk of a log is full
            return len(data)


def lasting_stream(descriptor: int) -> io.TextIOWrapper:
    """A text stream like stderr whose reader may leave: work does not stop for that.

    Args:
        descriptor: of an open file; it stays open.
    """
    file = io.BufferedWriter(_LastingFile(descriptor, "w", closefd=False))
    return io.TextIOWrapper(
        file, encoding=sys.stderr.encoding, errors="backslashreplace", line_buffering=True
    )


@contextmanager
def stdout_may_close() -> Iterator[None]:
    """For the report of a command that has done something: its exit code says what, all the same.

    A listing has nothing else to say; cli.main ends it.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_stdout()


def discard_stdout() -> None:
    """What is printed from now on, or still flushed at exit, goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
