"""How sure a character is: other spellings, other segmentations and the neighbours count."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.engines.line_doubt import LineDoubt, weigh
from pipeline.line_knowledge.context import kinds_of
from pipeline.line_knowledge.lattice_sums import LineLattice

_CLASSES = "mrnO0l19"


def lattice(
    spans: list[tuple[int, int, dict[str, float]]], read: list[tuple[int, str]], dirt: float = -30.0
) -> LineLattice:
    """Spans with the probabilities of some classes; `read` names the spans taken."""
    score = np.full((len(spans), len(_CLASSES)), 1e-6)
    for row, (_, _, chances) in zip(score, spans, strict=True):
        for char, chance in chances.items():
            row[_CLASSES.index(char)] = chance
    return LineLattice(
        first=np.array([a for a, _, _ in spans]),
        last=np.array([b for _, b, _ in spans]),
        score=np.log(score),
        skip=np.full(len(spans), dirt),
        path=np.array([k for k, _ in read]),
        text=np.array([_CLASSES.index(c) for _, c in read]),
    )


def weighed(found: LineLattice) -> LineDoubt:
    spaces = np.zeros(len(found.path) - 1)
    (doubt,) = weigh([found], [spaces], kinds_of(_CLASSES))
    return doubt


def confidence(found: LineLattice) -> list[float]:
    doubt = weighed(found)
    return [float(doubt.probability[k, c]) for k, c in enumerate(found.text)]


def test_sure_characters_are_sure() -> None:
    found = lattice([(0, 1, {"r": 0.99}), (1, 2, {"n": 0.99})], [(0, "r"), (1, "n")])
    assert min(confidence(found)) > 0.98


def test_a_character_that_may_be_two_is_risky() -> None:
    spans = [(0, 2, {"m": 0.5}), (0, 1, {"r": 0.7}), (1, 2, {"n": 0.7}), (2, 3, {"l": 0.9})]
    doubt = weighed(lattice(spans, [(0, "m"), (3, "l")]))
    sure = weighed(lattice([spans[0], spans[3]], [(0, "m"), (1, "l")]))
    assert sure.missing_risk < 0.01
    # "rn" is neither "m" replaced nor a character more beside it: the definition asks for one edit.
    assert doubt.missing_risk == pytest.approx(sure.missing_risk, abs=0.01)


def test_two_readings_of_one_place_share_its_probability() -> None:
    found = lattice([(0, 1, {"O": 0.6, "0": 0.4})], [(0, "O")])
    first, second = confidence(found)[0], float(weighed(found).probability[0, _CLASSES.index("0")])
    assert first + second == pytest.approx(1.0, abs=1e-4)


def test_digits_beside_it_make_a_nought_of_it() -> None:
    spans = [
        (k, k + 1, chances)
        for k, chances in enumerate([{"1": 0.99}, {"O": 0.5, "0": 0.5}, {"9": 0.99}])
    ]
    as_digit = confidence(lattice(spans, [(0, "1"), (1, "0"), (2, "9")]))[1]
    as_letter = confidence(lattice(spans, [(0, "1"), (1, "O"), (2, "9")]))[1]
    assert as_digit > 0.9 > 0.1 > as_letter


def test_what_may_be_dirt_is_less_sure_and_a_skipped_glyph_a_risk() -> None:
    spans = [(0, 1, {"r": 0.9}), (1, 2, {"l": 0.5}), (2, 3, {"n": 0.9})]
    read = [(0, "r"), (1, "l"), (2, "n")]
    clean = confidence(lattice(spans, read))[1]
    dirty = confidence(lattice(spans, read, dirt=float(np.log(0.3))))[1]
    assert dirty < 0.8 * clean


def test_a_page_may_have_lines_without_characters() -> None:
    nothing = LineLattice(
        first=np.zeros(0, np.intp),
        last=np.zeros(0, np.intp),
        score=np.zeros((0, len(_CLASSES))),
        skip=np.zeros(0),
        path=np.zeros(0, np.intp),
        text=np.zeros(0, np.intp),
    )
    other = lattice([(0, 1, {"r": 0.9})], [(0, "r")])
    empty, doubt = weigh([nothing, other], [np.zeros(0), np.zeros(0)], kinds_of(_CLASSES))
    assert empty.probability.shape == (0, len(_CLASSES))
    assert empty.missing_risk == 0.0
    assert doubt.probability[0, _CLASSES.index("r")] > 0.9
