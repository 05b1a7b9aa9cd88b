"""Heights, neighbours and gaps: what a line tells beyond the pictures of its characters."""

from __future__ import annotations

import string

import numpy as np
import pytest

from pipeline.line_knowledge.context import kinds_of, log_frequencies, settle
from pipeline.line_knowledge.geometry import HeightModel
from pipeline.line_knowledge.lattice import Span, best_path
from pipeline.line_knowledge.spaces import Spacing, space_probabilities

ASCII = string.digits + string.ascii_letters + string.punctuation


@pytest.mark.parametrize(
    ("top", "bottom", "better", "worse"),
    [
        (20, 0, "o", "O"),
        (28, 0, "S", "s"),
        (4, 0, ".", "'"),
        (28, 18, "'", ","),
        (4, -5, ",", "."),
        (11, 8, "-", "_"),
        (20, -8, "p", "P"),
        (28, -8, "(", "c"),
    ],
)
def test_height_and_place_part_twins(top: float, bottom: float, better: str, worse: str) -> None:
    model = HeightModel(ASCII)

    scores = model.log_likelihood(np.array([[top, bottom]], float), 20.0, 28.0)[0]

    assert scores[ASCII.index(better)] > scores[ASCII.index(worse)] + 1.0


def test_old_style_digits_may_be_low_or_hang() -> None:
    model = HeightModel("17")
    scores = model.log_likelihood(np.array([[20.0, 0.0], [20.0, -8.0]]), 20.0, 28.0)
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]


def settled(classes: str, pictures: list[dict[str, float]], spaces: list[float]) -> str:
    table = np.full((len(pictures), len(classes)), 1e-3)
    for row, chances in zip(table, pictures, strict=True):
        for char, chance in chances.items():
            row[classes.index(char)] = chance
    (posterior,) = settle([np.log(table)], [np.array(spaces)], kinds_of(classes))
    np.testing.assert_allclose(posterior.sum(axis=1), 1.0)
    return "".join(classes[k] for k in posterior.argmax(axis=1))


def test_neighbours_settle_what_looks_alike() -> None:
    sure = [{c: 0.95} for c in "19"]
    o_or_0 = {"O": 0.5, "0": 0.45, "o": 0.04}
    assert settled(ASCII, [*sure, o_or_0], [0.0, 0.0]) == "190"
    assert settled(ASCII, [{"R": 0.9}, o_or_0, {"M": 0.9}], [0.0, 0.0]) == "ROM"
    one_or_l = {"1": 0.5, "l": 0.3, "I": 0.2}
    assert settled(ASCII, [{"a": 0.9}, one_or_l, {"s": 0.9}], [0.0, 0.0]) == "als"


def test_a_space_loosens_the_bond_of_neighbours() -> None:
    pictures = [{"a": 0.9}, {"5": 0.9, "s": 0.02}]
    assert settled(ASCII, pictures, [0.0]) == "as"
    assert settled(ASCII, pictures, [1.0]) == "a5"


def test_lines_of_different_length_are_settled_independently() -> None:
    rng = np.random.default_rng(3)
    lines = [rng.normal(size=(n, 4)) for n in (1, 5, 3)]
    spaces = [rng.random(len(line) - 1) for line in lines]
    kinds = kinds_of("a1A.")

    together = settle(lines, spaces, kinds)

    for line, space, found in zip(lines, spaces, together, strict=True):
        np.testing.assert_allclose(settle([line], [space], kinds)[0], found)
    assert settle([], [], kinds) == []


def test_common_characters_are_more_frequent_within_their_kind() -> None:
    shares = dict(zip(ASCII, log_frequencies(ASCII), strict=True))
    assert shares["e"] > shares["q"]
    assert shares["."] > shares["|"]
    assert shares["0"] == shares["7"]


def spacing(text: str, width: float, gap: float, space: float) -> Spacing:
    left, x = [], 0.0
    for char in text:
        if char == " ":
            x += space - gap
        else:
            left.append(x)
            x += width + gap
    edges = np.array(left)
    return Spacing(left_px=edges, right_px=edges + width, x_height_px=20.0)


@pytest.mark.parametrize(("gap", "space"), [(2.0, 10.0), (5.0, 16.0), (-1.0, 6.0)])
def test_word_gaps_are_found_in_proportional_type(gap: float, space: float) -> None:
    text = "five boxing wizards jump"
    widths = spacing(text, 11.0, gap, space)
    rng = np.random.default_rng(1)
    jitter = rng.uniform(-4, 4, len(widths.left_px))  # letters differ in width
    steps = np.diff(widths.left_px) + jitter[:-1]
    left = np.concatenate([[0.0], np.cumsum(steps)])
    line = Spacing(left_px=left, right_px=left + 11.0 + jitter, x_height_px=20.0)

    (found,) = space_probabilities([line])

    expected = [text[k + 1] == " " for k in range(len(text) - 1) if text[k] != " "]
    assert (found > 0.5).tolist() == expected


def test_cells_are_counted_in_type_of_one_width() -> None:
    text = "i will pay 120 m"
    left = np.array([12.0 * k + (4 if c in "il" else 0) for k, c in enumerate(text) if c != " "])
    right = np.array([12.0 * k + (8 if c in "il" else 12) for k, c in enumerate(text) if c != " "])

    (found,) = space_probabilities([Spacing(left_px=left, right_px=right, x_height_px=12.0)])

    expected = [text[k + 1] == " " for k in range(len(text) - 1) if text[k] != " "]
    assert (found > 0.5).tolist() == expected


def test_a_line_of_one_character_has_no_gap() -> None:
    one = Spacing(left_px=np.zeros(1), right_px=np.ones(1), x_height_px=10.0)
    assert [len(s) for s in space_probabilities([one])] == [0]
    assert space_probabilities([]) == []


def test_a_lattice_without_a_way_through_says_where() -> None:
    with pytest.raises(ValueError, match="piece 2 of 2"):
        best_path([Span(first=0, last=1, score=0.0)], 2)
