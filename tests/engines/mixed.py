"""Commits the fault that is written into a page's width; reads all other pages like fake.

So one document can have good and poisoned pages. A good page takes a moment, to be killed at it.
"""

from __future__ import annotations

import ctypes
import dataclasses
import itertools
import time
from collections.abc import Callable, Sequence
from enum import IntEnum

from ocrq.types import PageOptions
from pipeline.engines.engine import Engine, LineImage, LineReading
from tests.engines.crash import fault as kill
from tests.engines.fake import FakeEngine
from tests.engines.faults import info
from tests.engines.oom import fault as take_all_memory

INFO = info("mixed")

#: Width of a page without a fault, px; each fault adds its number.
WIDTH_PX = 300
_GOOD_PAGE_S = 0.15


class Poison(IntEnum):
    """What a page does to who reads it."""

    NONE = 0
    SEGFAULT = 1
    KILL = 2
    LOOP = 3  # endless, in C, holding the interpreter
    MEMORY = 4
    RAISE = 5
    NAN = 6  # a confidence that is no number
    GARBAGE = 7  # fewer lines than there were
    EMPTY = 8  # no text: a good answer


def _segfault() -> None:
    ctypes.string_at(0)


def _loop() -> None:
    sum(itertools.repeat(0))


def _raise() -> None:
    raise RuntimeError("the engine has a bug")


_FAULTS: dict[Poison, Callable[[], None]] = {
    Poison.SEGFAULT: _segfault,
    Poison.KILL: kill,
    Poison.LOOP: _loop,
    Poison.MEMORY: take_all_memory,
    Poison.RAISE: _raise,
}


class MixedEngine:
    info = INFO

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        width_px = lines[0].rotation.source_size[0] if lines else WIDTH_PX
        poison = Poison(width_px - WIDTH_PX)
        if poison in _FAULTS:
            _FAULTS[poison]()
        time.sleep(_GOOD_PAGE_S)
        read = FakeEngine().read(lines, options)
        if poison is Poison.NAN:
            return [_without_confidence(line) for line in read]
        if poison is Poison.GARBAGE:
            return read[1:]
        if poison is Poison.EMPTY:
            return [LineReading() for _ in read]
        return read


def _without_confidence(line: LineReading) -> LineReading:
    return dataclasses.replace(line, missing_risk=float("nan"))


def make_engine() -> Engine:
    return MixedEngine()
