"""The values that cross borders between packages: what was asked, what was read.

Geometry is in pixels of the *upright page*: the scan after the recorded quarter-turn and before
deskew, origin top-left, x to the right, y down, boxes half-open. A confidence is the calibrated
probability, 0..1, that the character is right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self


class PageState(StrEnum):
    """Where a page is on its way; stored as text in `pages.state`."""

    QUEUED = "queued"  # waits for a worker
    LEASED = "leased"  # a worker holds it until lease_until
    DONE = "done"  # has a reading
    FAILED = "failed"  # can never work, or failed too often with an error we could catch
    QUARANTINED = "quarantined"  # killed its worker, or ran past its deadline, too often
    CANCELLED = "cancelled"  # its batch was cancelled before it was read


#: States that no worker will change again.
FINAL_STATES = frozenset(
    {PageState.DONE, PageState.FAILED, PageState.QUARANTINED, PageState.CANCELLED}
)


class RegionKind(StrEnum):
    """What a region of the page is."""

    TEXT = "text"  # a paragraph or block of running text
    PICTURE = "picture"  # a drawing or photograph
    PICTURE_TEXT = "picture_text"  # words in a drawing, of a neighbour page, or dirt
    TABLE = "table"  # lines in rows and columns
    RULE = "rule"  # a printed line
    RUNNING_HEAD = "running_head"  # the line repeated at the top of pages
    PAGE_NUMBER = "page_number"
    CAPTION = "caption"  # words that belong to a picture


#: What `PageOptions.language_model` may be.
LANGUAGE_MODELS = ("general", "none")
#: Options of pages that came after schema 0001.
_LATER_OPTIONS = frozenset({"remove_rules", "rectify", "words", "language_model"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """How pages are to be read; stored with the batch, so that a rerun is reproducible."""

    engine: str = "auto"
    language: str = "eng"  # recorded; the engines of today read all their languages alike
    classes: str = "ascii"  # character classes the resnet may answer: digits, upper, alnum, ascii
    dpi: int | None = None  # overrides the resolution found in the file
    orient: bool = True  # look for quarter-turns
    deskew: bool = True
    clean: bool = True  # even paper, no specks, small print enlarged; the scan is not changed
    remove_rules: bool = True  # take printed lines out, with `clean` only
    rectify: bool = False  # see a photographed sheet from straight above
    alternatives: int = 3  # kept for a character below 0.99, best first
    words: str = "english"  # list that may settle doubtful letters: this, "none", or a file
    language_model: str = "general"  # what crnn expects of texts where it doubts; "none": nothing

    def __post_init__(self) -> None:
        if self.dpi is not None and not 30 <= self.dpi <= 4800:
            raise ValueError(f"dpi must be 30..4800, not {self.dpi}")
        if not 0 <= self.alternatives <= 10:
            raise ValueError(f"alternatives must be 0..10, not {self.alternatives}")
        if self.language_model not in LANGUAGE_MODELS:
            raise ValueError(
                f"language_model must be {' or '.join(LANGUAGE_MODELS)}, not {self.language_model}"
            )

    def to_json(self) -> str:
        """One line of JSON with sorted keys: equal options give equal text.

        >>> PageOptions.from_json(PageOptions(dpi=300).to_json()) == PageOptions(dpi=300)
        True
        """
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read options back; keys that this version does not know are an error."""
        return cls.from_values(json.loads(text))

    @classmethod
    def from_values(cls, given: Mapping[str, Any]) -> Self:
        """The same of what the JSON holds."""
        values = dict(given)
        unknown = values.keys() - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown page options: {', '.join(sorted(unknown))}")
        if "words" in values and values["words"] is None:  # before a list was the default
            values["words"] = "none"
        return cls(**values)

    def fingerprint(self, weights_sha256: str) -> str:
        """Sixteen hex digits for these options with this model (`batches.options_hash`).

        Options that schema 0001 did not have count only when they are not the default: batches
        made before them go on, and their readings serve for duplicates, after an upgrade.
        """
        given = asdict(self)
        for option in fields(self):
            if option.name in _LATER_OPTIONS and given[option.name] == option.default:
                del given[option.name]
        text = json.dumps(given, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(f"{text}\n{weights_sha256}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A half-open rectangle in pixels: x0_px <= x < x1_px, y0_px <= y < y1_px."""

    x0_px: int
    y0_px: int
    x1_px: int
    y1_px: int

    def __post_init__(self) -> None:
        if not (0 <= self.x0_px < self.x1_px and 0 <= self.y0_px < self.y1_px):
            raise ValueError(f"not a box: {self}")

    @property
    def width_px(self) -> int:
        return self.x1_px - self.x0_px

    @property
    def height_px(self) -> int:
        return self.y1_px - self.y0_px

    @staticmethod
    def union(boxes: Iterable[Box]) -> Box:
        """The smallest box around all of them.

        >>> a = Box(x0_px=0, y0_px=0, x1_px=2, y1_px=2)
        >>> b = Box(x0_px=5, y0_px=1, x1_px=6, y1_px=9)
        >>> Box.union([a, b])
        Box(x0_px=0, y0_px=0, x1_px=6, y1_px=9)
        """
        found = list(boxes)
        if not found:
            raise ValueError("union of no boxes")
        return Box(
            x0_px=min(b.x0_px for b in found),
            y0_px=min(b.y0_px for b in found),
            x1_px=max(b.x1_px for b in found),
            y1_px=max(b.y1_px for b in found),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CharResult:
    """One recognised character; a space is a character too and its box is the gap."""

    char: str  # one code point, NFC
    confidence: float
    box: Box
    alternatives: tuple[tuple[str, float], ...] = ()  # (char, confidence), best first

    def __post_init__(self) -> None:
        if len(self.char) != 1:
            raise ValueError(f"one code point expected, not {self.char!r}")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence must be 0..1, not {self.confidence}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """A line of text; `region` is the number of the region it belongs to."""

    box: Box
    region: int
    baseline: tuple[tuple[float, float], tuple[float, float]]  # (x_px, y_px) left and right end
    chars: tuple[CharResult, ...]
    missing_risk: float | None = None  # probability that a character of the line was not read
    engine: str | None = None  # which engine read it, where an engine chooses line by line
    cell: tuple[int, int] | None = None  # (row, column) from 0 in a region that is a table
    changed: tuple[tuple[int, str], ...] = ()  # (position, chars as seen) read by the language

    @property
    def text(self) -> str:
        return "".join(c.char for c in self.chars)

    @property
    def confidence(self) -> float | None:
        """Mean over the line's characters: the expected share of right ones. None if empty."""
        return mean_confidence(self.chars)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionResult:
    """A block of the page; lines refer to it by `number` (from 0, in reading order)."""

    number: int
    kind: RegionKind
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What can be measured on a page before anything is read."""

    sharpness: float  # 0..1, edge steepness: share of the ideal step
    contrast: float  # 0..1, paper minus ink brightness
    ink: float  # 0..1, share of ink pixels
    is_blank: bool
    x_height_px: float | None = None  # median x-height of the lines, None when there are none
    noise: float | None = None  # standard deviation of the paper's grey, 0..1
    flags: tuple[str, ...] = ()  # what a person should know: blank, too_blurred, dpi_too_low ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """Which model read a page: every result can be traced to its weights."""

    name: str
    version: str
    weights_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """All that was read on one page."""

    width_px: int  # of the upright page
    height_px: int
    dpi: int
    dpi_is_estimated: bool
    rotation_deg: int  # clockwise quarter-turn that was applied to the scan: 0, 90, 180, 270
    skew_deg: float  # clockwise slope of the text on the upright page
    quality: Quality
    regions: tuple[RegionResult, ...]
    lines: tuple[LineResult, ...]  # in reading order
    engine: EngineInfo
    elapsed_s: Mapping[str, float] = field(default_factory=dict)  # by stage

    def __post_init__(self) -> None:
        if self.rotation_deg not in (0, 90, 180, 270):
            raise ValueError(f"rotation must be a quarter-turn, not {self.rotation_deg}")

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float | None:
        """Mean over the page's characters; None on a page without text."""
        return mean_confidence(c for line in self.lines for c in line.chars)


def mean_confidence(chars: Iterable[CharResult]) -> float | None:
    """Arithmetic mean of the characters' confidences, None for none."""
    values = [c.confidence for c in chars]
    return sum(values) / len(values) if values else None
