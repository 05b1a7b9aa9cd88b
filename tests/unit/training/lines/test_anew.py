"""Lines drawn while training runs are new, are shown again, and are forgotten."""

from __future__ import annotations

import numpy as np

from training.lines.anew import Anew
from training.lines.synthesise import Lines


def numbered(seed: int, count: int) -> Lines:
    """Lines that say which draw they are of."""
    return Lines(
        images=tuple(np.zeros((32, 8), np.uint8) for _ in range(count)),
        texts=tuple(f"{seed}/{k}" for k in range(count)),
    )


def test_each_line_is_shown_about_as_often_as_asked_for() -> None:
    source, rng = Anew(numbered, uses=3.0), np.random.default_rng(0)
    shown: list[str] = []
    for _ in range(40):
        shown += [text for _, text in source.take(rng, 600)]
    assert len(shown) == 40 * 600
    # The newest are still to be shown again; each draw is of a seed of its own.
    assert 2.5 < len(shown) / (40 * 200) < 3.5
    assert len({text.partition("/")[0] for text in shown}) == 40
    early = shown[0].partition("/")[0]
    assert not any(text.startswith(f"{early}/") for text in shown[-600:])


def test_none_are_drawn_where_none_are_wanted() -> None:
    assert Anew(numbered, uses=1.0).take(np.random.default_rng(0), 0) == []
