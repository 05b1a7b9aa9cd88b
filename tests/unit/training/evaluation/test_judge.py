from __future__ import annotations

import pytest

from ocrq.types import Box, CharResult
from training.evaluation.confidences import score_confidences
from training.evaluation.judge import KINDS, Judged, judge
from training.evaluation.reading import Reading


def reading(text: str, *, name: str = "a", doubt: str = "") -> Reading:
    """A line break has no character behind it; those of `doubt` have confidence 0.5."""
    return Reading(
        name=name,
        group=name,
        text=text,
        chars=tuple(
            None
            if char == "\n"
            else CharResult(
                char=char,
                confidence=0.5 if char in doubt else 1.0,
                box=Box(x0_px=10 * k, y0_px=0, x1_px=10 * k + 8, y1_px=10),
            )
            for k, char in enumerate(text)
        ),
    )


def test_replaced_and_added_characters_are_wrong_and_missed_ones_have_no_confidence() -> None:
    judged = judge(reading("c4t ss"), "cat s and")
    assert judged.is_right.tolist() == [True, False, True, True, True, False]
    assert judged.missed == 3  # " and" against "s": one replaced
    assert judged.missed_runs == 0
    assert judged.confusions == {("a", "4"): 1, (" and", "s"): 1}


def test_a_missed_line_is_counted_apart() -> None:
    judged = judge(reading("one\nthree"), "one\nsecond line\nthree")
    assert judged.missed_runs == judged.missed == 12
    assert judged.is_right.all()
    assert judged.confusions == {}


def test_runs_of_other_text_are_set_aside() -> None:
    judged = judge(reading("a caption, word"), "word")
    assert judged.set_aside == 11
    assert judged.is_right.tolist() == [True] * 4


def test_a_line_end_and_its_hyphen_have_nothing_to_judge() -> None:
    judged = judge(reading("wo-\nrd x"), "word x")
    assert len(judged.is_right) == 6
    assert judged.is_right.all()


def test_one_character_of_several_signs_is_judged_once() -> None:
    judged = judge(reading("ﬁt…"), "fit..,")
    assert judged.is_right.tolist() == [True, True, False]


def test_kinds_are_told_apart() -> None:
    judged = judge(reading("aB1 ."), "aB1 .")
    assert [KINDS[k] for k in judged.kind] == [
        "lower case", "capitals", "digits", "spaces", "punctuation",
    ]  # fmt: skip


def test_letter_case_is_equal_when_asked() -> None:
    assert not judge(reading("Aa"), "AA").is_right.all()
    assert judge(reading("Aa"), "AA", ignore_case=True).is_right.all()


def many(count: int) -> list[Judged]:
    """A third of the doubtful is wrong, all of the others right."""
    return [
        judge(reading("x x y word", name=str(k), doubt="xy"), "z x y word") for k in range(count)
    ]


def test_errors_are_found_among_the_doubtful() -> None:
    score = score_confidences(many(30))
    assert score is not None
    assert (score.characters, score.wrong, score.doubtful) == (300, 30, 90)
    assert score.auroc.value > 0.8
    assert dict(score.errors_found)[0.2].value > dict(score.errors_found)[0.05].value
    assert score.ece_doubtful.value == pytest.approx(1 / 6)
    assert 0 < score.ece_doubtful_by_chance < score.ece_doubtful.value
    assert score.ece.low is not None
    assert score.ece.high is not None
    assert score.ece.low <= score.ece.value <= score.ece.high
    assert sum(b.count for b in score.bins) == 300


def test_nothing_read_has_no_confidences() -> None:
    assert score_confidences([judge(reading(""), "text")]) is None
