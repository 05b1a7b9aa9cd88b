"""Batches made ahead come in one order, whoever makes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import pytest

from training.feeder import made_ahead


def numbers(number: int) -> Iterator[tuple[int, int]]:
    return ((number, k) for k in count())


def test_without_workers_it_is_the_first_iterator() -> None:
    assert list(islice(made_ahead(numbers, 0), 3)) == [(0, 0), (0, 1), (0, 2)]


def test_workers_take_turns() -> None:
    stream = made_ahead(numbers, 3)
    assert list(islice(stream, 7)) == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (0, 2)]
    stream.close()  # type: ignore[attr-defined]


def test_a_worker_that_ends_is_no_endless_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.feeder._LOOK_S", 0.1)
    stream = made_ahead(lambda number: iter([number]), 1)
    assert next(stream) == 0
    with pytest.raises(RuntimeError, match="ended"):
        next(stream)
