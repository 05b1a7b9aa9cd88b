from __future__ import annotations

from pathlib import Path

import pytest

from ocrq.errors import UsageError
from tests.unit.training.evaluation.test_judge import reading
from training.evaluation.adjudicate import (
    by_document,
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
