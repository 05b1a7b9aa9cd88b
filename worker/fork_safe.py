"""The database of the Celery main, which forks children while a thread of it uses SQL."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from store.clock import Clock
from store.database import Database


class MainDatabase:
    """Opened when it is needed; on SQLite closed and untouched at the moment of each fork.

    SQLite keeps the locks of a file in tables of the process. A child forked in the middle of a
    transaction would inherit "the writer is at work" and wait for ever; one forked between two
    transactions would trust locks that it does not hold. (SQLite, "How to corrupt", section 2.6.)
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._db: Database | None = None
        self._clock = Clock()  # one for all: it notices when the time of the queue jumps
        if url.startswith("sqlite"):
            os.register_at_fork(
                before=self._before_fork,
                after_in_parent=self._lock.release,
                after_in_child=self._after_in_child,
            )

    @contextmanager
    def use(self) -> Iterator[Database]:
        """The database for one short piece of work; forks wait for it.

        Raises:
            StoreError: it cannot be opened.
        """
        with self._lock:
            if self._db is None:
                self._db = Database.open(self._url, clock=self._clock)
            yield self._db

    def _before_fork(self) -> None:
        self._lock.acquire()
        if self._db is not None:
            self._db.close()
            self._db = None

    def _after_in_child(self) -> None:
        self._lock = threading.Lock()
