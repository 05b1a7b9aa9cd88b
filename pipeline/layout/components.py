"""Connected components of the ink, and what each is by its size: body, mark, large, speck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.connected import label_pieces

InkImage = npt.NDArray[np.bool_]  # (H, W), True = ink
Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

Piece = tuple[int, int, int, int, int, int]  # label, x0, y0, x1, y1, ink pixels

#: More components than this are noise or a halftone; the largest by area are kept, so that a page
#: of noise costs no more than a page of small print (which has about 10,000).
MAX_COMPONENTS: Final = 40_000
#: A page of a newspaper has 60,000 as large as letters; its points and commas would go first.
_MAX_LETTERS: Final = 75_000
_LETTER_AREA_PX: Final = 25  # those of noise and of halftones are dots
#: Text that is lower than this cannot be read by any engine here.
MIN_TEXT_HEIGHT_PX: Final = 5
#: Letters higher than this many usual letters of the page are pictures.
MAX_LETTER: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Components:
    """The ink in pieces: piece k is where `labels == label[k]`."""

    labels: Ints  # (H, W), 0 = paper
    highest: int  # of the labels, of those that are no component, too
    label: Ints  # (N,) value of each component in `labels`
    x0: Ints  # (N,) half-open boxes
    y0: Ints
    x1: Ints
    y1: Ints
    area: Ints  # (N,) ink pixels

    def __len__(self) -> int:
        return len(self.label)

    @property
    def width(self) -> Ints:
        return self.x1 - self.x0

    @property
    def height(self) -> Ints:
        return self.y1 - self.y0

    def with_pieces(
        self, bounds: Mapping[int, tuple[int, int, int, int]], pieces: Sequence[Piece]
    ) -> Components:
        """These components with pieces that were cut off from some of them at the end.

        Args:
            bounds: the boxes that are left of those that were cut, by their numbers.
            pieces: what was cut off; `labels` has it already.
        """
        table = np.column_stack([self.label, self.x0, self.y0, self.x1, self.y1, self.area]).astype(
            np.int32
        )
        for k, box in bounds.items():
            table[k, 1:5] = box
        table = np.vstack([table, np.array(pieces, np.int32).reshape(-1, 6)])
        label, x0, y0, x1, y1, area = (np.ascontiguousarray(c) for c in table.T)
        highest = max(self.highest, *(piece[0] for piece in pieces), 0)
        return replace(self, highest=highest, label=label, x0=x0, y0=y0, x1=x1, y1=y1, area=area)


def find_components(ink: InkImage) -> Components:
    """The 8-connected components of the ink, at most so many as a page of print can have.

    >>> ink = np.zeros((4, 9), np.bool_)
    >>> ink[1:3, 1:3] = ink[0, 7] = True
    >>> found = find_components(ink)
    >>> sorted(zip(found.x0.tolist(), found.area.tolist(), strict=True))
    [(1, 4), (7, 1)]
    """
    labels, table = label_pieces(ink)
    stats = table[1:]
    label = np.arange(1, len(stats) + 1, dtype=np.int32)
    area = stats[:, cv2.CC_STAT_AREA]
    if len(stats) > MAX_COMPONENTS and not _are_letters(area):
        keep = np.sort(np.argpartition(area, -MAX_COMPONENTS)[-MAX_COMPONENTS:])
        label, stats = label[keep], stats[keep]
    x0, y0 = stats[:, cv2.CC_STAT_LEFT].copy(), stats[:, cv2.CC_STAT_TOP].copy()
    return Components(
        labels=labels,
        highest=len(table) - 1,
        label=label,
        x0=x0,
        y0=y0,
        x1=x0 + stats[:, cv2.CC_STAT_WIDTH],
        y1=y0 + stats[:, cv2.CC_STAT_HEIGHT],
        area=stats[:, cv2.CC_STAT_AREA].copy(),
    )


def _are_letters(area: Ints) -> bool:
    """Whether many pieces of ink, by their pixels, are a page of print as large as there is."""
    return len(area) <= _MAX_LETTERS and float(np.median(area)) >= _LETTER_AREA_PX


def text_height(found: Components, left_out: Flags | None = None) -> float:
    """Typical height of a letter on the page in pixels (between x-height and cap height).

    The median over components that could be letters, weighted by height so that specks count
    little, then again among those of similar height. 0.0 when nothing could be a letter.

    Args:
        found: the page's components.
        left_out: (N,) which of them are known to be no letters.
    """
    height, width = found.height, found.width
    page_height, page_width = found.labels.shape
    is_page = found.area >= 0.9 * page_height * page_width
    letter = (
        ~is_page
        & (height >= MIN_TEXT_HEIGHT_PX)
        & (height <= max(60, page_height // 8))
        & (width <= max(120, page_width // 4))
        & (height <= 8 * width)
        & (width <= 4 * height)
    )
    if left_out is not None:
        letter &= ~left_out
    sizes = np.sort(height[letter]).astype(np.float64)
    if not len(sizes):
        return 0.0
    typical = _weighted_median(sizes)
    for _ in range(2):
        near = sizes[(sizes >= 0.45 * typical) & (sizes <= 2.2 * typical)]
        typical = _weighted_median(near)
    return typical


def _weighted_median(sorted_sizes: Floats) -> float:
    weight = np.cumsum(sorted_sizes)
    return float(sorted_sizes[np.searchsorted(weight, weight[-1] / 2)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sorted:
    """Which component is what: index arrays into `Components`, disjoint, specks left out."""

    body: npt.NDArray[np.intp]  # letters, digits, and words whose letters touch
    mark: npt.NDArray[np.intp]  # dots, commas, dashes, accents, splinters of letters
    rule: npt.NDArray[np.intp]  # straight lines and frames
    picture: npt.NDArray[np.intp]  # large and inky
    #: Letters joined by a hair or a pen, which wait for their rows.
    crossed: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    def without(self, gone: Flags) -> Sorted:
        """The same without the components of which `gone` (N,) is true."""
        return Sorted(
            body=self.body[~gone[self.body]],
            mark=self.mark[~gone[self.mark]],
            rule=self.rule[~gone[self.rule]],
            picture=self.picture[~gone[self.picture]],
            crossed=self.crossed[~gone[self.crossed]],
        )


def sort_components(found: Components, text_height_px: float) -> Sorted:
    """Sort the components by size against the typical letter of the page."""
    t = text_height_px
    height, width = found.height, found.width
    fill = found.area / np.maximum(width.astype(np.float64) * height, 1)
    thin = np.minimum(height, width) <= max(0.45 * t, 3.0)
    long = np.maximum(height, width) >= 5 * t
    large = (height > MAX_LETTER * t) | (width > 20 * t) | ((width > 6 * t) & (height > 3 * t))
    # A pencil stroke in the margin; the brackets and l are lower.
    stroke = (height >= 2.2 * t) & (height >= 7 * width)
    rule = (thin & long) | stroke | (large & (fill < 0.08))
    picture = large & ~rule
    body = ~rule & ~picture & (height >= 0.5 * t) & (height <= MAX_LETTER * t)
    smallest = max(2.0, 0.006 * t * t)
    mark = ~rule & ~picture & ~body & (found.area >= smallest)
    return Sorted(
        body=np.flatnonzero(body),
        mark=np.flatnonzero(mark),
        rule=np.flatnonzero(rule),
        picture=np.flatnonzero(picture),
    )
