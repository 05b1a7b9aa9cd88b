"""Lines that are drawn while training runs, for as long as it runs: none is ever stored."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from training.lines.fonts import FontChoice, find_line_fonts
from training.lines.handprint import compose_lines, hand_of
from training.lines.synthesise import GrayImage, Lines, draw_lines
from training.lines.text import TextSource

#: Lines that are kept to be shown again, so that what comes together was not drawn together.
_KEPT = 6000


class Anew:
    """Lines drawn anew; each is shown a few times, changed each time, and then forgotten."""

    def __init__(self, draw: Callable[[int, int], Lines], uses: float) -> None:
        """Draw with `draw(seed, count)`; each line is shown `uses` times in the mean."""
        self._draw = draw
        self._uses = uses
        self._kept: deque[tuple[GrayImage, str]] = deque(maxlen=_KEPT)

    def take(self, rng: np.random.Generator, count: int) -> Sequence[tuple[GrayImage, str]]:
        """`count` lines, of new ones and of those that are kept."""
        if count == 0:
            return []
        new = self._draw(int(rng.integers(1 << 62)), math.ceil(count / self._uses))
        self._kept.extend(zip(new.images, new.texts, strict=True))
        return [self._kept[k] for k in rng.integers(len(self._kept), size=count).tolist()]


def drawn_print(fonts: Path, cache: Path, source: TextSource, uses: float) -> Anew:
    """Printed lines, as `synthesise` draws them; the slow look at the fonts is kept in `cache`."""
    choice = FontChoice(find_line_fonts(cache, fonts))
    return Anew(lambda seed, count: draw_lines(seed, count, source, choice), uses)


def composed_hand(characters: Path, seed: int, source: TextSource, uses: float) -> Anew:
    """Hand-printed lines, as `handprint` composes them, of the clusters that are trained on."""
    from training.characters.formats import load_characters
    from training.characters.split import split_by_cluster

    found = load_characters(characters)
    hand = hand_of(found.take(split_by_cluster(found, seed=seed).train))
    return Anew(lambda seed, count: compose_lines(seed, count, source, hand), uses)
