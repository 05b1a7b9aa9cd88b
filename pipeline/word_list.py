"""A word list may settle a doubtful letter; it never touches a confident one, and says what it did.

A word that is not in the list is looked at again: if replacing one or two of its doubtful
characters by their own alternatives makes a word of the list, and no other replacement comes near,
that word is taken. Every replaced character stays below `MOST_CONFIDENCE`, so that it remains in
every list of doubtful characters, and is named in `LineReading.changed` with what was seen.
"""

from __future__ import annotations

import gzip
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from ocrq.errors import UsageError
from ocrq.types import CharResult
from pipeline.addresses import address_spans
from pipeline.engines.engine import LineReading

#: A character that was read at least so surely is never replaced: the limit of the doubtful ones.
DOUBTFUL_BELOW = 0.9
#: What a replaced character's confidence is cut to: just below the views' limit of 0.9.
MOST_CONFIDENCE = 0.89
#: How much more probable a word of the list is than a string that is none.
_WORD_ODDS = 20.0
#: An alternative below this probability is not tried.
_LEAST_PROBABILITY = 0.01
#: The best replacement must be so many times as probable as the next word.
_CLEAR = 3.0
_LEAST_LETTERS = 4
_MOST_LETTERS: Final = 40  # noise is longer: all pairs of its letters would be tried
_HYPHEN: Final = "-"
#: Lists that come with the program, in pipeline/words.
SHIPPED = ("english",)
_MOST_REPLACED = 2
#: Of a page's words in a list of its language: 0.89 and more of English books, 0.78 of forms, 0.5
#: to 0.92 of receipts with names of shops; 0.04 to 0.32 of pages in French, German and Danish.
_LEAST_KNOWN: Final = 0.4
_LEAST_WORDS: Final = 20  # of a page, of so many letters as are looked at; fewer say little

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """The words that a list knows, in small letters; a long s counts as one."""

    words: frozenset[str]

    def __contains__(self, word: str) -> bool:
        return word.lower().replace("ſ", "s") in self.words


NO_WORDS: Final = WordList(words=frozenset())


@lru_cache(maxsize=4)
def load_word_list(name: str) -> WordList:
    """Read a list of words.

    Args:
        name: `english`, which ships; `none`, a list without words; or a file with a word a line,
            as Debian has them in /usr/share/dict.

    Raises:
        UsageError: the file cannot be read or is not UTF-8 text.
    """
    if name == "none":
        return NO_WORDS
    try:
        text = _shipped(name) if name in SHIPPED else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(
            f"word list {name!r} cannot be read ({exc}); give {' or '.join(SHIPPED)}, none, or a"
            " UTF-8 file with a word a line, on every machine that runs a worker"
        ) from exc
    return WordList(words=frozenset(word.strip().lower() for word in text.split("\n")))


def _shipped(name: str) -> str:
    packed = Path(__file__).with_name("words") / f"{name}.txt.gz"
    return gzip.decompress(packed.read_bytes()).decode("utf-8")


def settle_page(readings: Sequence[LineReading], words: WordList) -> list[LineReading]:
    """The lines of a page with doubtful letters settled by a list that is in its language.

    "donc" is no English word, and near to "done".
    """
    if not words.words or not _is_in_its_language(readings, words):
        return list(readings)
    broken = [False, *(reading.text.endswith(_HYPHEN) for reading in readings)]
    return [
        settle_by_words(reading, words, goes_on=goes_on)
        for reading, goes_on in zip(readings, broken, strict=False)
    ]


def _is_in_its_language(readings: Sequence[LineReading], words: WordList) -> bool:
    found = [
        word for r in readings for word in _WORD.findall(r.text) if len(word) >= _LEAST_LETTERS
    ]
    known = sum(word in words for word in found)
    return len(found) < _LEAST_WORDS or known >= _LEAST_KNOWN * len(found)


def settle_by_words(reading: LineReading, words: WordList, *, goes_on: bool = False) -> LineReading:
    """The reading with doubtful letters settled by the list; the same object if none was.

    Args:
        reading: a line.
        words: the list.
        goes_on: whether it begins with the rest of a word that was divided.
    """
    if not words.words:
        return reading
    chars, text = list(reading.chars), reading.text
    changed: list[tuple[int, str]] = []
    addresses = list(address_spans(text))
    for match in _WORD.finditer(text):
        span = range(*match.span())
        if not _LEAST_LETTERS <= len(span) <= _MOST_LETTERS or match.group() in words:
            continue
        if any(first <= span.start < last for first, last in addresses):
            continue
        if _is_part(text, span) or (goes_on and span.start == 0):
            continue
        for position, char in _best_replacement(chars, span, words):
            changed.append((position, chars[position].char))
            chars[position] = char
    if not changed:
        return reading
    # What the recogniser alone had read stays named where a language model had changed it before.
    seen = dict(changed) | dict(reading.changed)
    named = sorted((k, was) for k, was in seen.items() if k >= len(chars) or was != chars[k].char)
    return replace(reading, chars=tuple(chars), changed=tuple(named))


def _is_part(text: str, span: range) -> bool:
    """Whether letters are part of a code, or of a word that goes on in the next line."""
    before, behind = text[max(0, span.start - 1) : span.start], text[span.stop :]
    return before.isdigit() or behind[:1].isdigit() or behind == _HYPHEN


def _best_replacement(
    chars: Sequence[CharResult], span: range, words: WordList
) -> tuple[tuple[int, CharResult], ...]:
    """The characters to put in place, empty if no word is clearly the one."""
    found: list[tuple[float, tuple[tuple[int, CharResult], ...]]] = []
    for change in _replacements(chars, span):
        letters = {position: char.char for position, char, _ in change}
        word = "".join(letters.get(k, chars[k].char) for k in span)
        if word in words:
            odds = 1.0
            for position, _, probability in change:
                odds *= probability / max(chars[position].confidence, 1e-6)
            found.append((odds, tuple((position, char) for position, char, _ in change)))
    found.sort(key=lambda entry: -entry[0])
    if not found or found[0][0] * _WORD_ODDS < 1.0:
        return ()
    if len(found) > 1 and found[0][0] < _CLEAR * found[1][0]:
        return ()
    return found[0][1]


def _replacements(
    chars: Sequence[CharResult], span: range
) -> Iterator[tuple[tuple[int, CharResult, float], ...]]:
    doubtful = [k for k in span if chars[k].confidence < DOUBTFUL_BELOW]
    options = [
        [
            (k, _replaced(chars[k], char, probability), probability)
            for char, probability in chars[k].alternatives
            if probability >= _LEAST_PROBABILITY and char.isalpha()
        ]
        for k in doubtful
    ]
    for count in range(1, _MOST_REPLACED + 1):
        for group in itertools.combinations(options, count):
            yield from itertools.product(*group)


def _replaced(seen: CharResult, char: str, probability: float) -> CharResult:
    weighed = probability * _WORD_ODDS
    others = [(seen.char, seen.confidence), *(a for a in seen.alternatives if a[0] != char)]
    # More than one in all, now that one of them weighs more.
    total = max(1.0, weighed + sum(share for _, share in others))
    return CharResult(
        char=char,
        confidence=min(MOST_CONFIDENCE, weighed / total),
        box=seen.box,
        alternatives=tuple(
            sorted(((other, share / total) for other, share in others), key=lambda a: -a[1])
        ),
    )
