from __future__ import annotations

from pathlib import Path

import pytest

from ocrq.errors import UsageError
from tests.unit.training.evaluation.test_judge import reading
from training.evaluation.adjudicate import (
    Judgement,
    Verdict,
    by_document,
    corrected_truth,
    disagreement_rows,
    read_judgements,
    write_rows,
)
from training.evaluation.judge import judge
from training.evaluation.score import score_adjudicated, score_part

TRUTH = "The cat sat - on the mat"
READ = "The cot sat on the mat."


def judged_table(path: Path, *verdicts: str) -> Path:
    rows = disagreement_rows([judge(reading(READ), TRUTH)])
    assert [(r["expected"], r["got"]) for r in rows] == [("a", "o"), ("-␣", ""), ("", ".")]
    for row, verdict in zip(rows, verdicts, strict=True):
        row["verdict"] = verdict
    write_rows(path, rows)
    return path


def test_only_faults_of_the_engine_count_once_judged(tmp_path: Path) -> None:
    table = judged_table(tmp_path / "t.tsv", "engine", "convention", "truth")
    judgements = by_document(read_judgements(table))
    raw = score_part("raw", [judge(reading(READ), TRUTH)], [reading(READ)])
    mended = score_adjudicated([reading(READ)], {"a": TRUTH}, judgements, ignore_case=False)
    assert sum(p.edits for p in raw.texts.pages) == 4
    assert sum(p.edits for p in mended.texts.pages) == 1
    assert mended.unjudged == 0


def test_another_reading_is_held_to_the_mended_truth(tmp_path: Path) -> None:
    table = judged_table(tmp_path / "t.tsv", "e", "c", "t")
    judgements = by_document(read_judgements(table))
    other = reading("The cat sat - on the mad")
    score = score_adjudicated([other], {"a": TRUTH}, judgements, ignore_case=False)
    # The dash is right by the other convention; "mad" is wrong twice: the truth has a full stop.
    assert sum(p.edits for p in score.texts.pages) == 2
    assert score.unjudged == 1


def adjudicated_edits(truth: str, text: str, *rows: tuple[str, str, str, str]) -> int:
    """Edits against the truth as rows (expected, got, verdict, right) have it."""
    judgements = [
        Judgement(
            document="a",
            place=truth.index(expected),
            expected=expected,
            got=got,
            verdict=Verdict(verdict),
            right=right,
        )
        for expected, got, verdict, right in rows
    ]
    score = score_adjudicated([reading(text)], {"a": truth}, {"a": judgements}, ignore_case=False)
    return sum(p.edits for p in score.texts.pages)


def test_a_fault_of_the_truth_holds_for_engines_that_read_the_place_otherwise() -> None:
    row = ("fote", "fo te", "truth", "forte")
    assert adjudicated_edits("played fote here", "played forte here", row) == 0
    assert adjudicated_edits("played fote here", "played fo te here", row) == 1
    assert adjudicated_edits("played fote here", "played fote here", row) == 1


def test_the_nearest_of_several_spellings_is_taken() -> None:
    rows = [("....", dots, "truth", dots) for dots in (" ...", " . . .")]
    for text, edits in (("wait ... then", 0), ("wait . . . then", 0), ("wait.... then", 1)):
        assert adjudicated_edits("wait.... then", text, *rows) == edits
    rows = [("....", dots, "convention", dots) for dots in (" ...", " . . .")]
    assert adjudicated_edits("wait.... then", "wait.... then", *rows) == 0


def test_a_block_in_another_order_covers_what_was_judged_within_it() -> None:
    block = ("1 2 apples pears", "", "convention", "1 apples 2 pears")
    inner = ("apples", "apple", "truth", "apple")
    assert adjudicated_edits("to buy 1 2 apples pears", "to buy 1 apples 2 pears", block) == 0
    assert adjudicated_edits("to buy 1 2 apples pears", "to buy 1 2 apples pears", block) == 0
    assert (
        adjudicated_edits("to buy 1 2 apples pears", "to buy 1 apples 2 bears", block, inner) == 1
    )


def test_disagreements_are_unjudged_only_where_nobody_looked() -> None:
    truth = "one two three four"
    judgements = [
        Judgement(
            document="a", place=4, expected="two", got="2", verdict=Verdict.TRUTH, right="zwei"
        ),
        Judgement(
            document="a", place=8, expected="three", got="3", verdict=Verdict.ENGINE, right="3"
        ),
    ]
    for text, unjudged in (
        ("one zwei three four", 0),
        ("one zwfi three four", 0),
        ("one zwei thr33 four", 0),
        ("one zwei three f0ur", 1),
        ("0ne zwei three f0ur", 2),
    ):
        score = score_adjudicated(
            [reading(text)], {"a": truth}, {"a": judgements}, ignore_case=False
        )
        assert score.unjudged == unjudged, text


def test_places_are_found_again_on_both_sides_of_what_was_mended() -> None:
    cut = [
        Judgement(document="a", place=4, expected="xx", got="", verdict=Verdict.TRUTH, right=""),
        Judgement(
            document="a", place=10, expected="c", got="ccc", verdict=Verdict.TRUTH, right="ccc"
        ),
    ]
    mended = corrected_truth("one xxtwo c end", "one two ccc end", cut)
    assert mended.text == "one two ccc end"
    places = [(0, 4), (4, 7), (4, 4), (7, 8), (8, 11), (9, 10), (11, 12), (12, 15)]
    found = [mended.original(*place) for place in places]
    truth = "one xxtwo c end"
    assert [truth[a:b] for a, b in found] == ["one ", "two", "xx", " ", "c", "c", " ", "end"]


def test_nothing_is_set_aside_once_judged() -> None:
    judgements = {"a": [Judgement(
        document="a", place=0, expected="T", got="t", verdict=Verdict.ENGINE, right="t"
    )]}  # fmt: skip
    noise = reading("The cat sat - on the mat qwertyuiop")
    raw = score_part("raw", [judge(noise, TRUTH)], [noise])
    score = score_adjudicated([noise], {"a": TRUTH}, judgements, ignore_case=False)
    assert raw.confidence and score.confidence
    assert (raw.confidence.wrong, raw.confidence.set_aside) == (0, 11)
    assert (score.confidence.wrong, score.confidence.set_aside) == (11, 0)


def test_a_table_may_say_what_the_scan_has(tmp_path: Path) -> None:
    path = judged_table(tmp_path / "t.tsv", "e", "t", "t")
    assert [j.right for j in read_judgements(path)] == ["o", "", "."]
    rows = disagreement_rows([judge(reading(READ), TRUTH)])
    for row, right in zip(rows, ("", "--␣", "∅"), strict=True):
        row["verdict"], row["right"] = "t", right
    write_rows(path, rows)
    assert [j.right for j in read_judgements(path)] == ["o", "-- ", ""]


@pytest.mark.parametrize(("verdict", "says"), [("", "line 2"), ("maybe", "'maybe'")])
def test_open_and_unknown_verdicts_are_named(tmp_path: Path, verdict: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_judgements(judged_table(tmp_path / "t.tsv", verdict, "e", "e"))


def test_a_truth_that_changed_since_is_named(tmp_path: Path) -> None:
    judgements = by_document(read_judgements(judged_table(tmp_path / "t.tsv", "e", "c", "t")))
    with pytest.raises(UsageError, match="another truth"):
        score_adjudicated([reading(READ)], {"a": "Other"}, judgements, ignore_case=False)


def test_documents_that_are_not_in_the_set_are_no_adjudicated_set(tmp_path: Path) -> None:
    judgements = by_document(read_judgements(judged_table(tmp_path / "t.tsv", "e", "c", "t")))
    with pytest.raises(UsageError, match="none of the judged"):
        score_adjudicated([reading("x", name="b")], {"b": "x"}, judgements, ignore_case=False)


def test_a_table_without_its_columns_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("a\tb\n")
    with pytest.raises(UsageError, match="no column document, place"):
        read_judgements(tmp_path / "t.tsv")
