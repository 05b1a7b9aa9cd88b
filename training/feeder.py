"""Batches made ahead by other processes, for a device that learns faster than one core draws."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from queue import Empty
from typing import Any, TypeVar

T = TypeVar("T")

#: Batches that wait in each process.
_AHEAD = 3
#: What learns from the batches goes before those who make them.
_NICE = 5
#: A process that makes no more batches is noticed after so long.
_LOOK_S = 5.0


def made_ahead(make: Callable[[int], Iterator[T]], workers: int) -> Iterator[T]:
    """What `make(0)` to `make(workers - 1)` yield, one of each in turn; each is a process.

    The order depends on nothing but the iterators. Without workers it is what `make(0)` yields.
    Processes are forked when this is called, not at the first batch: call it before a backend
    starts its threads. They end with this process, or when the iterator is closed.

    Args:
        make: an endless iterator for each process; give each its own random numbers.
        workers: processes, from 0.
    """
    if workers == 0:
        return make(0)
    context = multiprocessing.get_context("fork")
    queues = [context.Queue(maxsize=_AHEAD) for _ in range(workers)]

    def fill(number: int) -> None:
        # Ctrl-C goes to every process of a terminal; the one that learns ends these.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.nice(_NICE)
        for item in make(number):
            queues[number].put(item)

    processes = [
        context.Process(target=fill, args=(number,), daemon=True) for number in range(workers)
    ]
    for process in processes:
        process.start()

    def in_turn() -> Iterator[T]:
        try:
            while True:
                for number, queue in enumerate(queues):
                    yield _next_of(queue, processes[number])
        finally:
            for process in processes:
                process.terminate()

    return in_turn()


def _next_of(queue: Any, process: BaseProcess) -> Any:
    while True:
        try:
            return queue.get(timeout=_LOOK_S)
        except Empty:
            if not process.is_alive():
                raise RuntimeError(
                    f"a process that makes batches ended ({process.exitcode}); its error is above"
                ) from None
