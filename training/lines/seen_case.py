"""Letter case of labels that are written in capitals, by the shape and the height of the ink.

A network that is asked for the case of lines it was trained on answers with what it was told: a
wrong case comes back with every generation ("Total" was "total" on a hundred receipts). So letters
are judged one by one, by the character network, which never saw a receipt, and where both cases
have one shape by their height; and words as people write them: all small, all capitals, or
one at the start, as most words of their line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from ocrq.types import Box, PageOptions
from pipeline.engines.engine import Engine, LineImage
from pipeline.engines.pieces import crop
from pipeline.engines.second_look import ink_of
from pipeline.glyph_image import normalise_glyphs
from pipeline.runtime.protocol import GlyphClassifier
from training.evaluation.line_crops import line_image

Floats = npt.NDArray[np.float64]
GrayImage = npt.NDArray[np.uint8]

#: Letters whose height alone tells their case; p and y hang below the line as small ones do.
_ONE_SHAPE: Final = frozenset("cosuvwxz")
_TALL: Final = frozenset("bdfhkl")
_LEAST_TALL: Final = 3  # of a line, to know the height of a capital
_SMALL: Final = 0.86  # height of a letter that may be either, in heights of a capital
_STEEP: Final = 25.0  # odds (logarithm) for each height of a capital more
_MOST_BY_HEIGHT, _MOST_BY_SHAPE = 3.0, 4.0
_REJECTED: Final = 0.6  # a picture that is rather no character says nothing
_LEAST_EITHER: Final = 0.2
#: What the network had read counts a little, what the other words of a line are a word more.
_READ, _AS_OTHERS, _SMALL_WORD = 0.5, 2.0, -0.5
#: How much likelier another way to write a word must be; one of one or two letters.
_CLEAR, _CLEAR_SHORT = 2.0, 3.5
_WORD: Final = re.compile(r"[^\W\d_]+")


def settle_case(
    images: Sequence[GrayImage], labels: Sequence[str], engine: Engine, classifier: GlyphClassifier
) -> list[str]:
    """The labels in the case that their pictures show.

    Args:
        images: (32, W) uint8, 255 = ink.
        labels: what they say, in the case that a line network saw.
        engine: says where the characters are.
        classifier: of single characters; its classes have both cases.
    """
    lines = [line_image(np.asarray(255 - image, np.uint8)) for image in images]
    readings = engine.read(lines, PageOptions(language_model="none"))
    odds = [np.zeros(len(label)) for label in labels]
    asked: list[tuple[int, int, GrayImage]] = []
    for k, (line, reading, label) in enumerate(zip(lines, readings, labels, strict=True)):
        boxes = [char.box for char in reading.chars]
        heights = [_height_px(line, box) for box in boxes]
        tall = [h for h, c in zip(heights, reading.text, strict=True) if h and _is_tall(c)]
        capital = float(np.percentile(tall, 60)) if len(tall) >= _LEAST_TALL else 0.0
        for source, target in _pairs(reading.text, label):
            small = label[target].lower()
            if small not in _ONE_SHAPE:
                pieces = ink_of(line, line.glyph_edges()[:, ::2], _edges(boxes[source]))
                if pieces:
                    asked.append((k, target, crop(line, pieces)))
            elif capital and heights[source]:
                by_height = _STEEP * (heights[source] / capital - _SMALL)
                odds[k][target] = np.clip(by_height, -_MOST_BY_HEIGHT, _MOST_BY_HEIGHT)
    for (k, target, _), said in zip(asked, _by_shape(asked, labels, classifier), strict=True):
        odds[k][target] = said
    return [_written(label, said) for label, said in zip(labels, odds, strict=True)]


def _is_tall(char: str) -> bool:
    return char in _TALL or char.isdigit() or (char.isupper() and char not in "JQ")


def _edges(box: Box) -> Floats:
    return np.array([box.x0_px, box.y0_px, box.x1_px, box.y1_px], np.float64)


def _height_px(line: LineImage, box: Box) -> int:
    ink = (line.gray[:, max(0, box.x0_px) : box.x1_px] < 128).any(axis=1)
    rows = np.flatnonzero(ink)
    return int(rows[-1] + 1 - rows[0]) if len(rows) else 0


def _pairs(read: str, label: str) -> list[tuple[int, int]]:
    """Places of letters in a reading and in its label that are the same but for their case."""
    return [
        (source, target)
        for op in Levenshtein.opcodes(read.lower(), label.lower())
        if op.tag == "equal"
        for source, target in zip(
            range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True
        )
        # A letter whose small form is two characters moves the places behind it.
        if read[source : source + 1].lower() == label[target].lower()
        and label[target].isalpha()
        and label[target].isascii()
    ]


def _by_shape(
    asked: Sequence[tuple[int, int, GrayImage]], labels: Sequence[str], classifier: GlyphClassifier
) -> list[float]:
    """Logarithm of the odds of the capital for each picture, 0 where it says nothing."""
    if not asked:
        return []
    answers = classifier.classify(normalise_glyphs([picture for _, _, picture in asked]))
    column = {char: k for k, char in enumerate(classifier.classes)}
    # A bar is a capital i and a small l, and a one.
    alike = {"i": ("Il1", "ij"), "l": ("L", "lI1")}
    said = []
    for (k, target, _), answer in zip(asked, answers.astype(np.float64), strict=True):
        small = labels[k][target].lower()
        capitals, smalls = alike.get(small, (small.upper(), small))
        high = sum(answer[column[c]] for c in capitals)
        low = sum(answer[column[c]] for c in smalls)
        reject = classifier.reject_index
        is_none = reject is not None and answer[reject] > _REJECTED
        odds = float(np.log((high + 0.01) / (low + 0.01)))
        sees_either = high + low >= _LEAST_EITHER and not is_none
        said.append(float(np.clip(odds, -_MOST_BY_SHAPE, _MOST_BY_SHAPE)) if sees_either else 0.0)
    return said


def _written(label: str, odds: Floats) -> str:
    """The label with each word in the likeliest of the ways that people write words."""
    words = list(_WORD.finditer(label))
    ways = [_ways(word.group(), odds[slice(*word.span())]) for word in words]
    out = list(label)
    for number, (word, way) in enumerate(zip(words, ways, strict=True)):
        others = [
            max(other, key=lambda name: other[name])
            for k, other in enumerate(ways)
            if k != number and len(words[k].group()) > 2
        ]
        total = {
            name: value + _AS_OTHERS * others.count(name) / max(1, len(others))
            for name, value in way.items()
        }
        best = max(total, key=lambda name: total[name])
        now = next((name for name in way if _as(name, word.group()) == word.group()), None)
        as_read = total[now] if now else _as_read(word.group(), odds[slice(*word.span())])
        clear = _CLEAR if len(word.group()) > 2 else _CLEAR_SHORT
        if total[best] - as_read >= clear:
            out[slice(*word.span())] = _as(best, word.group())
    return "".join(out)


def _as_read(word: str, odds: Floats) -> float:
    """What speaks for a word as it stands: a capital amid small letters, as in McDonald."""
    sign = np.array([1.0 if char.isupper() else -1.0 for char in word])
    return float((odds * sign + _READ).sum())


def _ways(word: str, odds: Floats) -> dict[str, float]:
    said = odds + _READ * np.array([1.0 if char.isupper() else -1.0 for char in word])
    ways = {"capitals": float(said.sum()), "small": float(-said.sum()) + _SMALL_WORD}
    if len(word) > 1:
        ways["one"] = float(said[0] - said[1:].sum())
    return ways


def _as(way: str, word: str) -> str:
    """A word written so; letters that have no single other case stay.

    >>> _as("one", "gst"), _as("capitals", "straße"), _as("small", "TOTAL")
    ('Gst', 'STRAßE', 'total')
    """
    capital = [way == "capitals" or (way == "one" and k == 0) for k in range(len(word))]
    cased = [c.upper() if high else c.lower() for c, high in zip(word, capital, strict=True)]
    return "".join(new if len(new) == 1 else old for new, old in zip(cased, word, strict=True))
