"""Batches of characters that other processes make are those that this one would make."""

from __future__ import annotations

from itertools import islice
from typing import cast

from training.characters.batches import Batch, BatchMaker
from training.characters.fit import batches_from


class Numbered:
    """Makes the number of a step instead of its batch."""

    def make(self, step: int) -> Batch:
        return cast("Batch", step)


def test_a_run_that_goes_on_sees_the_steps_in_their_order_whoever_makes_them() -> None:
    maker = cast("BatchMaker", Numbered())
    for workers in (0, 1, 3):
        steps: list[object] = list(islice(batches_from(maker, 7, workers), 8))
        assert steps == list(range(7, 15))
