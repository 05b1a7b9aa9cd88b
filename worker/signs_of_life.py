"""A thread that says again and again that this process is at something, while it is."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class SignsOfLife(ABC):
    """Calls `give` every so many seconds while the block runs, first after the first pause."""

    def __init__(self, every_s: float, name: str) -> None:
        self._every_s = every_s
        self.over = threading.Event()  # the block has ended
        self._thread = threading.Thread(target=self._run, daemon=True, name=name)

    @abstractmethod
    def give(self) -> None:
        """One sign; what it raises would end the thread, so it raises nothing that can happen."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self.over.wait(self._every_s):
            self.give()
