"""How far texts are from the truth: character and word error rates of a directory of pages."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\N{SOFT HYPHEN}": ""}
)
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScore:
    """Edits (insertions, deletions, replacements) between a page and its truth."""

    name: str
    characters: int  # of the truth, normalised
    edits: int
    words: int
    word_edits: int
    words_read: int
    words_found: int  # of the truth, each counted as often as it occurs on both sides

    @property
    def cer(self) -> float:
        """Character error rate; may exceed 1 where much was read that is not there."""
        return self.edits / max(1, self.characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextScore:
    """All pages together; rates are by character, so that long pages count more."""

    cer: float
    cer_low: float  # 95 % interval by bootstrap over pages; equal to cer for one page
    cer_high: float
    wer: float
    bag_f1: float  # words without their order: receipts have no one reading order
    characters: int
    pages: tuple[PageScore, ...]
    missing: tuple[str, ...]  # pages of the truth without a text; they count as empty


def score_texts(
    truth: Mapping[str, str], texts: Mapping[str, str], *, ignore_case: bool = False, seed: int = 0
) -> TextScore:
    """Compare texts with the truth, page by page.

    Both sides are normalised alike (`normalise`). A page of the truth without a text counts as
    read empty, so that leaving out bad pages does not help; texts without a truth are not looked
    at.

    Args:
        truth: name of each page -> its true text.
        texts: name -> what was read.
        ignore_case: fold capitals on both sides.
        seed: of the resampling.
    """
    pages = tuple(
        _score_page(name, normalise(true, ignore_case), normalise(texts.get(name, ""), ignore_case))
        for name, true in sorted(truth.items())
    )
    characters = sum(page.characters for page in pages)
    low, high = _interval(pages, seed)
    return TextScore(
        cer=_rate(pages),
        cer_low=low,
        cer_high=high,
        wer=sum(page.word_edits for page in pages) / max(1, sum(page.words for page in pages)),
        bag_f1=_bag_f1(pages),
        characters=characters,
        pages=pages,
        missing=tuple(sorted(truth.keys() - texts.keys())),
    )


def normalise(text: str, ignore_case: bool = False) -> str:
    r"""What two honest transcriptions of a page may differ in is made equal.

    NFKC; curly or doubled quotes and all dashes become plain ones; a word that is divided at a
    line's end is joined; white space of any length (line breaks too) becomes one space.

    >>> normalise("“A  divi-\nded word” — end")
    '"A divided word" - end'
    """
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN)
    text = text.replace("''", '"').replace("``", '"')
    text = re.sub(r"-+", "-", text)
    text = re.sub(r"(\w)-\s*\n\s*(\w)", r"\1\2", text)
    text = " ".join(text.split())
    return text.casefold() if ignore_case else text


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Least number of insertions, deletions and replacements (Levenshtein 1966).

    >>> edit_distance("kitten", "sitting"), edit_distance("", "abc")
    (3, 3)
    """
    codes: dict[str, int] = {}
    left, right = ([codes.setdefault(item, len(codes)) for item in side] for side in (a, b))
    if len(left) > len(right):
        left, right = right, left
    columns = np.arange(len(right) + 1, dtype=np.int32)
    target: npt.NDArray[np.int32] = np.array(right, dtype=np.int32)
    row = columns.copy()
    for i, item in enumerate(left, start=1):
        # Insertions depend on the cell before; min over them all is a running minimum of
        # cost - column, so that a whole row is computed at once.
        best = np.minimum(row[:-1] + (target != item), row[1:] + 1)
        row = np.concatenate(([np.int32(i)], best))
        row = np.minimum.accumulate(row - columns) + columns
    return int(row[-1])


def _score_page(name: str, truth: str, text: str) -> PageScore:
    words, words_read = truth.split(), text.split()
    return PageScore(
        name=name,
        characters=len(truth),
        edits=edit_distance(truth, text),
        words=len(words),
        word_edits=edit_distance(words, words_read),
        words_read=len(words_read),
        words_found=(Counter(words) & Counter(words_read)).total(),
    )


def _rate(pages: Sequence[PageScore]) -> float:
    return sum(page.edits for page in pages) / max(1, sum(page.characters for page in pages))


def _bag_f1(pages: Sequence[PageScore]) -> float:
    words = sum(page.words + page.words_read for page in pages)
    return 2 * sum(page.words_found for page in pages) / max(1, words)


def _interval(pages: Sequence[PageScore], seed: int) -> tuple[float, float]:
    if len(pages) < 2:
        return _rate(pages), _rate(pages)
    rng = random.Random(seed)
    rates = sorted(_rate(rng.choices(pages, k=len(pages))) for _ in range(_RESAMPLES))
    return rates[int(0.025 * _RESAMPLES)], rates[int(0.975 * _RESAMPLES) - 1]
