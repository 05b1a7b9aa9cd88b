"""Which characters of lines read were right, and which lines miss one, to fit confidences to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from pipeline.calibration import Calibration, kinds_of, raw_missing_risk
from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.expected import read_page
from pipeline.ctc.path import Indices, Logits, PagePath, best_path
from pipeline.ctc.quote_forms import forms_as_one
from pipeline.language.model import LanguageModel
from pipeline.runtime.graph import Runtime
from pipeline.vocabulary import CHARACTERS, decode
from training.lines.package import read_logits
from training.lines.synthesise import Lines
from training.text_score import normalise

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Lines summed at once: about a page.
_PAGE = 40
#: From this many characters missing on end at a line's edge, crop and label show different things.
_OTHER_TEXT = 4
_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Characters and lines of a set, with what the network had against them."""

    odds: Floats  # (N,) against each character, before calibration
    kinds: Indices  # (N,) index into pipeline.calibration.KINDS
    line: Indices  # (N,) number of each character's line
    is_right: Flags  # (N,)
    missing_risk: Floats  # (L,) raw risk of each line that can be judged
    misses: Flags  # (L,) whether a character is missing
    set_aside: int  # lines whose label goes on where the crop ends: not judged for what is missing

    def confidence(self, calibration: Calibration) -> npt.NDArray[np.float32]:
        """(N,) calibrated."""
        return calibration.characters(self.odds, self.kinds, self.line).astype(np.float32)


def judge_lines(
    model: Runtime,
    lines: Lines,
    *,
    language: LanguageModel | None = None,
    fold_case: bool = False,
) -> Judged:
    """Read lines and hold them against their labels.

    A character is right if an alignment of least edits pairs it with its equal; quotes and dashes
    of all forms are equal, as labels spell them to their own rules.

    Args:
        model: the file that ships.
        lines: to read.
        language: what is expected of them; None: the network reads alone.
        fold_case: labels do not know the letter case; a character then stands for both of its
            forms, and what speaks for its other form does not speak against it.
    """
    parts: list[tuple[Floats, Indices, Flags]] = []
    gaps: list[Floats] = []
    misses: list[bool] = []
    set_aside = 0
    for start in range(0, len(lines), _PAGE):
        page = Lines(
            images=lines.images[start : start + _PAGE], texts=lines.texts[start : start + _PAGE]
        )
        path, doubt, _ = read_page(best_path(read_logits(model, page)), language, _ALTERNATIVES)
        doubt = forms_as_one(path.labels, doubt)
        read = decode(path.labels.tolist())
        odds = _either_case(path, doubt) if fold_case else doubt.odds
        for k, label in enumerate(page.texts):
            first, last = int(path.chars[k]), int(path.chars[k + 1])
            is_right, longest_edge, is_missing = align(read[first:last], label, fold_case=fold_case)
            parts.append((odds[first:last], kinds_of(read[first:last]), is_right))
            if longest_edge >= _OTHER_TEXT:
                set_aside += 1
                continue
            gaps.append(doubt.gap_odds[first + k : last + k + 1])
            misses.append(is_missing)
    return Judged(
        odds=np.concatenate([odds for odds, _, _ in parts]),
        kinds=np.concatenate([kinds for _, kinds, _ in parts]),
        line=np.repeat(np.arange(len(parts)), [len(odds) for odds, _, _ in parts]),
        is_right=np.concatenate([is_right for _, _, is_right in parts]),
        missing_risk=raw_missing_risk(gaps),
        misses=np.array(misses, np.bool_),
        set_aside=set_aside,
    )


def align(read: str, label: str, *, fold_case: bool = False) -> tuple[Flags, int, bool]:
    """Whether each character read is right, what is missing at an edge, whether any is missing.

    >>> align("cat", "scart")[0].tolist(), align("cat", "scart")[1:]
    ([True, True, True], (1, True))
    """
    found, truth = (_plain(text, fold_case) for text in (read, label))
    is_right = np.zeros(len(read), np.bool_)
    longest_edge, is_missing = 0, False
    for op in Levenshtein.opcodes(found, truth):
        if op.tag == "equal":
            is_right[op.src_start : op.src_end] = True
        elif op.tag == "insert":
            is_missing = True
            if op.src_start in (0, len(read)):
                longest_edge = max(longest_edge, op.dest_end - op.dest_start)
    return is_right, longest_edge, is_missing


def _plain(text: str, fold_case: bool) -> str:
    # Each character by itself, so that none moves.
    return "".join(_plain_character(char, fold_case) for char in text)


@lru_cache(maxsize=4096)
def _plain_character(char: str, fold_case: bool) -> str:
    return normalise(char, fold_case)[:1] or char


def _either_case(path: PagePath, doubt: PageDoubt) -> Floats:
    """Odds against each character where its capital and small form are one."""
    others = doubt.others
    is_twin = np.zeros(others.shape, np.bool_)
    for k, char in enumerate(decode(path.labels.tolist())):
        is_twin[k] = [c > 0 and CHARACTERS[c - 1].lower() == char.lower() for c in others[k]]
    twin = np.where(is_twin, doubt.other_odds, 0.0).sum(axis=1)
    return np.asarray(np.maximum(doubt.odds - twin, 1e-7) / (1 + twin), np.float64)


def texts_read(model: Runtime, lines: Lines, language: LanguageModel | None = None) -> list[str]:
    """What is read in each line, by the network alone or with what a language expects."""
    return texts_of_logits(read_logits(model, lines), language)


def texts_of_logits(logits: Sequence[Logits], language: LanguageModel | None) -> list[str]:
    """The same of logits that are there already."""
    found: list[str] = []
    for start in range(0, len(logits), _PAGE):
        path, _, _ = read_page(best_path(logits[start : start + _PAGE]), language, 0)
        text = decode(path.labels.tolist())
        found += [text[a:b].strip() for a, b in itertools.pairwise(path.chars.tolist())]
    return found
