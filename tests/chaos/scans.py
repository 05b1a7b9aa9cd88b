"""Small documents of several pages, some of them poisoned, and what must become of each page."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests.drawing import make_page
from tests.engines.mixed import WIDTH_PX, Poison

DPI = 150
_HEIGHT_PX = 240
PAGES_IN_A_DOCUMENT = 3

#: Poison -> state and error code that its page must end with.
VERDICTS: dict[Poison, tuple[str, str | None]] = {
    Poison.NONE: ("done", None),
    Poison.EMPTY: ("done", None),
    Poison.SEGFAULT: ("quarantined", "killed"),
    Poison.KILL: ("quarantined", "killed"),
    Poison.LOOP: ("quarantined", "deadline"),
    Poison.MEMORY: ("quarantined", "memory"),
    Poison.RAISE: ("failed", "error"),
    Poison.NAN: ("failed", "engine"),
    Poison.GARBAGE: ("failed", "engine"),
}


def draw_document(path: Path, poisons: Sequence[Poison]) -> None:
    """A TIFF with a page for each of these; no two pages are alike."""
    frames = []
    for number, poison in enumerate(poisons):
        size_in = ((WIDTH_PX + poison) / DPI, _HEIGHT_PX / DPI)
        page = make_page(f"{path.stem}\n{number} and more", size_in=size_in, margin_in=0.2, dpi=DPI)
        assert page.shape[1] == WIDTH_PX + poison
        frames.append(Image.fromarray(page))
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(DPI, DPI))


class Press:
    """Draws batches of documents by a seeded plan and remembers where the poison is."""

    def __init__(self, folder: Path, rng: random.Random, poisons: Sequence[Poison]) -> None:
        self._folder = folder
        self._rng = rng
        self._next_poisons = list(poisons)
        self._batches = 0
        #: (path, page number from 1) -> what is wrong with the page
        self.poisoned: dict[tuple[bytes, int], Poison] = {}

    def draw_batch(self, documents: int, poisoned: int) -> Path:
        """A new folder of documents; `poisoned` of them have one page of each next poison."""
        self._batches += 1
        folder = self._folder / f"batch{self._batches:03d}"
        folder.mkdir(parents=True)
        sick = set(self._rng.sample(range(documents), poisoned))
        for number in range(documents):
            poisons = [Poison.NONE] * PAGES_IN_A_DOCUMENT
            path = folder / f"{folder.name}-{number:03d}.tif"
            if number in sick:
                at = self._rng.randrange(PAGES_IN_A_DOCUMENT)
                poisons[at] = self._next_poisons[0]
                self._next_poisons.append(self._next_poisons.pop(0))
                self.poisoned[bytes(path), at + 1] = poisons[at]
            draw_document(path, poisons)
        return folder
