"""Waiting for a database that is away for a moment, in commands that look again and again."""

from __future__ import annotations

import time

import click

from ocrq.errors import StoreForbidden, StoreUnavailable


class Patience:
    """How long the database may be away; says on stderr when that begins and ends.

    Args:
        patience_s: seconds without any answer (OCRQ_PATIENCE_S).
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._since_s: float | None = None

    def note(self, error: StoreUnavailable) -> None:
        """A question was not answered.

        Raises:
            StoreUnavailable: the same, when none was for too long; at once when this user lacks a
                right, for no waiting grants it.
        """
        if isinstance(error, StoreForbidden):
            raise error
        now_s = time.monotonic()
        if self._since_s is None:
            self._since_s = now_s
            click.echo(f"{error}; waiting for it", err=True)
        if now_s - self._since_s >= self._patience_s:
            raise error

    def end(self) -> None:
        """A question was answered."""
        if self._since_s is not None:
            click.echo("the database is back", err=True)
        self._since_s = None
