"""What an engine is given and what it gives back: `LineImage` in, `CharResult` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ocrq.types import Box, CharResult, EngineInfo, PageOptions
from pipeline.rotation import PageMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """What segmentation takes for one character: a half-open box in pixels of the line crop."""

    x0_px: int
    y0_px: int
    x1_px: int
    y1_px: int

    @property
    def width_px(self) -> int:
        return self.x1_px - self.x0_px

    @property
    def height_px(self) -> int:
        return self.y1_px - self.y0_px


#: As high as the small letters of the lines beside it, or as the capitals.
LetterSize = Literal["small", "capital"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineImage:
    """A text line cut from the deskewed page, both as a picture and as segmented glyphs.

    The crop has a margin above and below the ink; crop pixel (0, 0) is pixel (left_px, top_px) of
    the deskewed page. Every ink pixel of the line belongs to exactly one glyph, so glyphs whose
    boxes overlap (italics, kerning) can still be told apart.
    """

    gray: npt.NDArray[np.uint8]  # (H, W), 0 = ink black, 255 = paper; must not be changed
    owner: npt.NDArray[np.int32]  # (H, W), k + 1 = ink of glyphs[k], 0 = paper and foreign ink
    glyphs: tuple[Glyph, ...]  # from left to right
    left_px: int
    top_px: int
    baseline_px: tuple[float, float]  # y in the crop at its left and at its right edge
    x_height_px: float  # height of an "x"; of the line where it can be seen, else of its block
    cap_height_px: float  # height of an "X" (also of digits and ascenders)
    region: int  # number of the region the line belongs to
    rotation: PageMapping  # from the upright to the deskewed page
    continues: bool = False  # the same line as the one before, a wide gap further right
    is_initial: bool = False  # a letter of several rows that begins the first word of the line
    letters_are: LetterSize | None = None  # of letters that are all of one height, if it is known

    def glyph_edges(self) -> npt.NDArray[np.float64]:
        """(N, 4) x0, y0, x1, y1 of the glyphs, px of the crop."""
        edges = [(g.x0_px, g.y0_px, g.x1_px, g.y1_px) for g in self.glyphs]
        return np.array(edges, np.float64).reshape(-1, 4)

    def baseline_at(self, x_px: float) -> float:
        """Height of the baseline at column x of the crop, in pixels from the crop's top."""
        left, right = self.baseline_px
        return float(left + (right - left) * x_px / self.gray.shape[1])

    def to_upright(self, x0_px: float, y0_px: float, x1_px: float, y1_px: float) -> Box:
        """A box of the crop as a box on the upright page."""
        return self.boxes_to_upright([(x0_px, y0_px, x1_px, y1_px)])[0]

    def boxes_to_upright(self, boxes: npt.ArrayLike) -> list[Box]:
        """The same for many boxes (N, 4) of x0, y0, x1, y1, in one go."""
        return self.rotation.boxes_to_upright(self._on_deskewed(boxes))

    def _on_deskewed(self, boxes: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Boxes (N, 4) of the crop on the deskewed page."""
        corner = (self.left_px, self.top_px)
        moved: npt.NDArray[np.float64] = np.asarray(boxes, np.float64).reshape(-1, 4) + np.array(
            [*corner, *corner], np.float64
        )
        return moved


def all_to_upright(lines: Sequence[LineImage], boxes: Sequence[npt.ArrayLike]) -> list[list[Box]]:
    """The boxes (N, 4) of the crops of many lines as boxes on the upright page, line by line.

    Lines of one page share the way to it, which takes them all in the time of a few.
    """
    found: list[list[Box]] = []
    for _, same in groupby(zip(lines, boxes, strict=True), key=lambda each: id(each[0].rotation)):
        members = list(same)
        edges = [line._on_deskewed(own) for line, own in members]
        upright = iter(members[0][0].rotation.boxes_to_upright(np.concatenate(edges)))
        found += [list(islice(upright, len(own))) for own in edges]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """What an engine read in one line."""

    #: From left to right, spaces included, none at the ends; boxes on the upright page.
    chars: tuple[CharResult, ...] = ()
    missing_risk: float | None = None  # probability that a character of the line was not read
    engine: str | None = None  # which model read it, where an engine has two
    #: (position, characters as the recogniser alone had read them) where a language read otherwise.
    changed: tuple[tuple[int, str], ...] = ()
    is_dirt: bool = False  # a stain or a pen's mark rather than text; kept, but not with the text

    @property
    def text(self) -> str:
        return "".join(c.char for c in self.chars)


class Engine(Protocol):
    """A recogniser. One engine lives in one process and is not shared between threads."""

    @property
    def info(self) -> EngineInfo:
        """The model behind the answers."""

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of one page, all in one call so that the engine can batch.

        Called once a page, with an empty sequence when the page has no lines; before that up to
        four times with a few lines of a page that may not be upright.

        Args:
            lines: in reading order.
            options: `classes` restricts the answer, `alternatives` says how many are kept.

        Returns:
            What was read in each line; a line without text has no characters.
        """


def quick_engine(engine: Engine) -> Engine:
    """The engine for a first look: its `quick` part where it looks at doubtful characters twice."""
    quick: Engine = getattr(engine, "quick", engine)
    return quick
