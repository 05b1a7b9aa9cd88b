"""How far something is, on stderr: a bar on a terminal, else a plain line every few seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_EVERY_S = 5.0


class ProgressDisplay:
    """Shows the progress inside its block; `show` may be called as often as one likes.

    Args:
        label: what is going on, a word or two.
        is_quiet: show nothing.
    """

    def __init__(self, label: str, *, is_quiet: bool = False) -> None:
        self._label = label
        self._is_quiet = is_quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._next_line_s = time.monotonic() + _LINE_EVERY_S
        self._last_line = ""

    def __enter__(self) -> Self:
        if not self._is_quiet and sys.stderr.isatty():
            self._bar = _make_bar()
            self._task = self._bar.add_task(self._label, total=None, note="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, total: int | None, note: str) -> None:
        """Say how far it is.

        Args:
            done: pieces that are done.
            total: of how many; None: not known yet.
            note: the rest of the story.
        """
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, note=note)
        elif not self._is_quiet and time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + _LINE_EVERY_S
            of = "" if total is None else f" of {total:,}"
            line = f"{self._label}: {done:,}{of}{', ' if note else ''}{note}"
            if line != self._last_line:
                click.echo(line, err=True)
                self._last_line = line


def _make_bar() -> Progress:
    from rich.console import Console  # only a terminal needs rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
