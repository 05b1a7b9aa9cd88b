"""How far texts are from the truth: character and word error rates of a directory of pages."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

#: Signs that transcriptions spell in several ways -> the plain one.
PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\N{SOFT HYPHEN}": ""}
)
Floats = npt.NDArray[np.float64]
#: Lower and upper end of an interval; None: one document says nothing of others.
Bounds = tuple[float, float] | tuple[None, None]

_RESAMPLES: Final = 1000
#: From this many wrong characters on end, truth and reading are not about the same thing: a
#: caption that the truth leaves out, blocks in another order.
OTHER_TEXT: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScore:
    """Edits (insertions, deletions, replacements) between a page and its truth."""

    name: str
    group: str  # resampled together: pages or lines of one document
    characters: int  # of the truth, normalised
    edits: int
    short_edits: int  # in runs below OTHER_TEXT, letter case folded
    substitutions: int
    deletions: int  # of the truth, not read
    insertions: int
    dense_characters: int  # of the truth, without white space
    dense_edits: int
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
    cer_low: float | None  # 95 % interval by bootstrap over documents; None for fewer than two
    cer_high: float | None
    short_cer: float  # only edits in runs below six, letter case folded
    short_cer_low: float | None
    short_cer_high: float | None
    dense_cer: float  # without white space
    wer: float
    wer_low: float | None
    wer_high: float | None
    bag_f1: float  # words without their order: receipts have no one reading order
    bag_f1_low: float | None
    bag_f1_high: float | None
    substitutions: int
    deletions: int
    insertions: int
    characters: int
    documents: int  # what is resampled
    pages: tuple[PageScore, ...]
    missing: tuple[str, ...]  # pages of the truth without a text; they count as empty


def score_texts(
    truth: Mapping[str, str],
    texts: Mapping[str, str],
    *,
    ignore_case: bool = False,
    groups: Mapping[str, str] | None = None,
    seed: int = 0,
) -> TextScore:
    """Compare texts with the truth, page by page.

    Both sides are normalised alike (`normalise`). A page of the truth without a text counts as
    read empty, so that leaving out bad pages does not help; texts without a truth are not looked
    at.

    Args:
        truth: name of each page -> its true text.
        texts: name -> what was read.
        ignore_case: write both sides in capitals.
        groups: name -> its document, where several names belong together.
        seed: of the resampling.
    """
    pages = tuple(
        score_page(
            name,
            normalise(truth[name], ignore_case),
            normalise(texts.get(name, ""), ignore_case),
            group=(groups or {}).get(name, name),
        )
        # As the files NAME.txt sort: the order decides what a seed draws.
        for name in sorted(truth, key=lambda name: f"{name}.txt")
    )
    return summarise(pages, missing=tuple(sorted(truth.keys() - texts.keys())), seed=seed)


def summarise(
    pages: Sequence[PageScore], *, missing: tuple[str, ...] = (), seed: int = 0
) -> TextScore:
    """The figures of pages together, with their intervals."""
    cer, short_cer, wer, bag_f1 = (rate(pages) for rate in RATES.values())
    bounds = intervals(pages, seed)
    low, high = [b[0] for b in bounds.values()], [b[1] for b in bounds.values()]
    return TextScore(
        cer=cer, cer_low=low[0], cer_high=high[0],
        short_cer=short_cer, short_cer_low=low[1], short_cer_high=high[1],
        dense_cer=Rate(part="dense_edits", whole=("dense_characters",))(pages),
        wer=wer, wer_low=low[2], wer_high=high[2],
        bag_f1=bag_f1, bag_f1_low=low[3], bag_f1_high=high[3],
        substitutions=_total(pages, "substitutions"),
        deletions=_total(pages, "deletions"),
        insertions=_total(pages, "insertions"),
        characters=_total(pages, "characters"),
        documents=len({page.group for page in pages}),
        pages=tuple(pages),
        missing=missing,
    )  # fmt: skip


def intervals(pages: Sequence[PageScore], seed: int = 0) -> dict[str, Bounds]:
    """95 % interval of each of RATES by bootstrap over documents; none for fewer than two."""
    drawn = resampled_rates(pages, seed)
    if drawn is None:
        return dict.fromkeys(RATES, (None, None))
    return {name: middle_95(values) for name, values in drawn.items()}


def resampled_rates(pages: Sequence[PageScore], seed: int = 0) -> dict[str, Floats] | None:
    """Each of RATES for every resample (K,); None for fewer than two documents.

    Equal documents and seeds give equal draws, so that two runs can be compared pair by pair.
    """
    draws = resamples([page.group for page in pages], seed)
    if draws is None:
        return None
    groups = list(dict.fromkeys(page.group for page in pages))
    place = {group: k for k, group in enumerate(groups)}
    drawn: dict[str, Floats] = {}
    for name, rate in RATES.items():
        sums = np.zeros((len(groups), 2), np.int64)
        for page in pages:
            sums[place[page.group]] += rate.terms(page)
        part, whole = sums[draws].sum(axis=1).T
        drawn[name] = rate.factor * part / np.maximum(1, whole)
    return drawn


def resamples(groups: Sequence[str], seed: int = 0) -> npt.NDArray[np.int64] | None:
    """(K, G) numbers of groups, in order of appearance, drawn with replacement; None for one.

    >>> resamples(["a", "b", "a"]).shape, resamples(["a", "a"])
    ((1000, 2), None)
    """
    count = len(set(groups))
    if count < 2:
        return None
    rng, places = random.Random(seed), range(count)
    return np.array([rng.choices(places, k=count) for _ in range(_RESAMPLES)], np.int64)


def middle_95(values: npt.ArrayLike) -> tuple[float, float]:
    """The bounds that leave out 2.5 % of resampled values at each end."""
    ranked = np.sort(np.asarray(values, np.float64))
    count = len(ranked)
    return float(ranked[max(0, count // 40 - 1)]), float(ranked[max(0, count - count // 40 - 1)])


def normalise(text: str, ignore_case: bool = False) -> str:
    r"""What two honest transcriptions of a page may differ in is made equal.

    NFKC; curly or doubled quotes and all dashes become plain ones; a word that is divided at a
    line's end is joined; white space of any length (line breaks too) becomes one space.

    >>> normalise("“A  divi-\nded word” — end")
    '"A divided word" - end'
    """
    text = unicodedata.normalize("NFKC", text).translate(PLAIN)
    text = text.replace("''", '"').replace("``", '"')
    text = re.sub(r"-+", "-", text)
    text = re.sub(r"(\w)-\s*\n\s*(\w)", r"\1\2", text)
    text = " ".join(text.split())
    return text.upper() if ignore_case else text


def score_page(name: str, truth: str, text: str, *, group: str | None = None) -> PageScore:
    """Count the edits between two normalised texts (Levenshtein 1966)."""
    kinds = Counter(op.tag for op in Levenshtein.editops(truth, text))
    dense_truth, dense_text = truth.replace(" ", ""), text.replace(" ", "")
    words, words_read = truth.split(), text.split()
    return PageScore(
        name=name,
        group=name if group is None else group,
        characters=len(truth),
        edits=Levenshtein.distance(truth, text),
        short_edits=_short_edits(truth.lower(), text.lower()),
        substitutions=kinds["replace"],
        deletions=kinds["delete"],
        insertions=kinds["insert"],
        dense_characters=len(dense_truth),
        dense_edits=Levenshtein.distance(dense_truth, dense_text),
        words=len(words),
        word_edits=Levenshtein.distance(words, words_read),
        words_read=len(words_read),
        words_found=(Counter(words) & Counter(words_read)).total(),
    )


def _short_edits(truth: str, text: str) -> int:
    runs = (
        max(op.src_end - op.src_start, op.dest_end - op.dest_start)
        for op in Levenshtein.opcodes(truth, text)
        if op.tag != "equal"
    )
    return sum(run for run in runs if run < OTHER_TEXT)


def _total(pages: Sequence[PageScore], field: str) -> int:
    return sum(getattr(page, field) for page in pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of sums over pages: factor times part over whole."""

    part: str
    whole: tuple[str, ...]
    factor: int = 1

    def __call__(self, pages: Sequence[PageScore]) -> float:
        whole = sum(_total(pages, field) for field in self.whole)
        return self.factor * _total(pages, self.part) / max(1, whole)

    def terms(self, page: PageScore) -> tuple[int, int]:
        """What a page adds to part and whole."""
        return getattr(page, self.part), sum(getattr(page, field) for field in self.whole)


#: The rates that get intervals.
RATES: Final[Mapping[str, Rate]] = {
    "cer": Rate(part="edits", whole=("characters",)),
    "short_cer": Rate(part="short_edits", whole=("characters",)),
    "wer": Rate(part="word_edits", whole=("words",)),
    "bag_f1": Rate(part="words_found", whole=("words", "words_read"), factor=2),
}
