"""What an engine read in one page or line, with the character behind each letter of its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from export.txt import page_text
from ocrq.types import CharResult, LineResult, PageResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One document of a set (a page or a line) as it was read."""

    name: str
    group: str  # documents of one group are resampled together
    text: str  # as it is exported
    #: One for each character of `text`; None for a line's end and what else export puts in.
    chars: tuple[CharResult | None, ...]
    core_s: float = 0.0  # processor seconds
    stages_s: Mapping[str, float] = field(default_factory=dict)
    results: tuple[PageResult, ...] = ()  # of a scan: what stands where
    missing_risk: float | None = None  # of a line: probability that a character was not read
    error: str | None = None  # why it could not be read; it counts as empty then


def of_pages(
    name: str, results: Sequence[PageResult], core_s: float, stages_s: Mapping[str, float]
) -> Reading:
    """The reading of a document's pages, with the text that `--format txt` writes."""
    text = "\f".join(page_text(result) for result in results)
    return Reading(
        name=name,
        group=name,
        text=text,
        chars=match_characters(text, [line for result in results for line in result.lines]),
        core_s=core_s,
        stages_s=stages_s,
        results=tuple(results),
    )


def match_characters(text: str, lines: Sequence[LineResult]) -> tuple[CharResult | None, ...]:
    """The character behind each letter of an exported text.

    Found by alignment, so that the export may join paragraphs and words as it likes.
    """
    stream: list[CharResult | None] = []
    for line in lines:
        stream += [*line.chars, None]
    flat = "".join("\n" if char is None else char.char for char in stream)
    found: list[CharResult | None] = [None] * len(text)
    for op in Levenshtein.opcodes(text, flat):
        if op.tag == "equal":
            found[op.src_start : op.src_end] = stream[op.dest_start : op.dest_end]
    return tuple(found)
