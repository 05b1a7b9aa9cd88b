"""Ctrl-C and SIGTERM for a command that has work to bring to an end: once stops, twice kills."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupts:
    """Counts requests to stop while the block runs; only the main thread can listen for signals."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # HUP: the terminal was closed

    def __init__(self) -> None:
        self.count = 0
        self.last_signal: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in self._SIGNALS:
                if signal.getsignal(number) is signal.SIG_IGN:
                    continue  # nohup, or a shell's background job
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        self.last_signal = signal.Signals(number)

    def stop_wanted(self) -> bool:
        """Somebody wants an orderly stop."""
        return self.count >= 1

    def kill_wanted(self) -> bool:
        """Somebody does not want to wait for it."""
        return self.count >= 2
