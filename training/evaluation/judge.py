"""Every character of a reading judged against the truth by an alignment of the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocrq.types import CharResult
from training.evaluation.reading import Reading
from training.evaluation.tracked import track
from training.text_score import OTHER_TEXT, normalise

#: Classes of characters, by which confidences are also looked at.
KINDS = ("lower case", "capitals", "digits", "spaces", "punctuation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A run of characters that reading and truth have differently; places in normalised texts."""

    place: int  # in the truth
    expected: str
    got: str
    got_place: int  # in the reading
    chars: tuple[CharResult, ...]  # behind `got`

    @property
    def is_other_text(self) -> bool:
        """Too long for misread characters: a caption, a line, a block in another order."""
        return max(len(self.expected), len(self.got)) >= OTHER_TEXT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """One reading against its truth. N characters have a confidence and can be judged."""

    name: str
    group: str
    truth: str  # normalised
    text: str  # normalised
    confidence: npt.NDArray[np.float32]  # (N,)
    is_right: npt.NDArray[np.bool_]  # (N,)
    kind: npt.NDArray[np.uint8]  # (N,) index into KINDS
    set_aside: int  # characters in runs of other text: not judged
    missed: int  # characters of the truth that were not read: no confidence can show them
    missed_runs: int  # the same, in runs of OTHER_TEXT and more: whole words, lines, captions
    disagreements: tuple[Disagreement, ...]

    @property
    def confusions(self) -> Counter[tuple[str, str]]:
        """(expected, got) of the disagreements that are no other text."""
        return Counter((d.expected, d.got) for d in self.disagreements if not d.is_other_text)


def judge(
    reading: Reading, truth: str, *, ignore_case: bool = False, set_aside: bool = True
) -> Judged:
    """Align a reading with its truth.

    A character is right when all that normalisation makes of it is paired with its equal. Edits in
    runs of OTHER_TEXT and more are set aside.

    Args:
        reading: of a page or line.
        truth: raw or normalised: normalising twice changes nothing.
        ignore_case: write both sides in capitals.
        set_aside: do so; otherwise long runs are judged like any other.
    """
    tracked = track(reading.text, ignore_case)
    wanted = normalise(truth, ignore_case)
    good = np.zeros(len(tracked.text), np.bool_)
    other = np.zeros(len(tracked.text), np.bool_)
    missed = missed_runs = 0
    runs: list[tuple[int, int, int, int]] = []
    for op in Levenshtein.opcodes(wanted, tracked.text):
        if op.tag == "equal":
            good[op.dest_start : op.dest_end] = True
            continue
        is_other = max(op.src_end - op.src_start, op.dest_end - op.dest_start) >= OTHER_TEXT
        if is_other and set_aside:
            other[op.dest_start : op.dest_end] = True
        if op.tag == "delete":
            missed += op.src_end - op.src_start
            missed_runs += is_other * (op.src_end - op.src_start)
        span = (op.src_start, op.src_end, op.dest_start, op.dest_end)
        if runs and runs[-1][1] == span[0] and runs[-1][3] == span[2]:
            span = (runs[-1][0], span[1], runs[-1][2], span[3])
            runs.pop()
        runs.append(span)

    behind = [reading.chars[k] for k in tracked.source.tolist()]
    judged = list(_judged(behind, good, other))
    kept = [(char, right) for char, right, aside in judged if not aside]
    return Judged(
        name=reading.name,
        group=reading.group,
        truth=wanted,
        text=tracked.text,
        confidence=np.array([char.confidence for char, _ in kept], np.float32),
        is_right=np.array([right for _, right in kept], np.bool_),
        kind=np.array([kind_of(char.char) for char, _ in kept], np.uint8),
        set_aside=len(judged) - len(kept),
        missed=missed,
        missed_runs=missed_runs,
        disagreements=tuple(
            Disagreement(
                place=a,
                expected=wanted[a:b],
                got=tracked.text[c:d],
                got_place=c,
                chars=tuple(dict.fromkeys(char for char in behind[c:d] if char is not None)),
            )
            for a, b, c, d in runs
        ),
    )


def kind_of(char: str) -> int:
    """Index into KINDS.

    >>> [KINDS[kind_of(c)] for c in "aÄ7 ."]
    ['lower case', 'capitals', 'digits', 'spaces', 'punctuation']
    """
    if char.isspace():
        return 3
    if char.isalpha():
        return 1 if char.isupper() else 0
    return 2 if char.isdigit() else 4


def _judged(
    behind: list[CharResult | None], good: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]
) -> Iterator[tuple[CharResult, bool, bool]]:
    """(character, is right, is set aside), a character of several pieces once."""
    last: CharResult | None = None
    is_right = is_aside = False
    for char, right, aside in zip(behind, good.tolist(), other.tolist(), strict=True):
        if char is not None and char is last:
            is_right, is_aside = is_right and right, is_aside or aside
            continue
        if last is not None:
            yield last, is_right, is_aside
        last, is_right, is_aside = char, right, aside
    if last is not None:
        yield last, is_right, is_aside
