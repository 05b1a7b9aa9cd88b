"""Verdicts are kept without the truth, and come back with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocrq.errors import UsageError
from training.evaluation.adjudicate import Judgement, Verdict
from training.evaluation.verdicts import documents, read_verdicts, write_verdicts

TRUTH = "the quick brown fox"


def judged(place: int, length: int, verdict: Verdict, right: str) -> Judgement:
    return Judgement(
        document="a", place=place, expected=TRUTH[place : place + length], got=right,
        verdict=verdict, right=right,
    )  # fmt: skip


JUDGEMENTS = st.builds(
    judged,
    st.integers(0, len(TRUTH) - 1),
    st.integers(0, 5),
    st.sampled_from([Verdict.TRUTH, Verdict.CONVENTION]),
    st.text("ab \"'", max_size=4),
)


@given(st.lists(JUDGEMENTS, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_they_come_back_with_the_truth(tmp_path: Path, given_: list[Judgement]) -> None:
    path = tmp_path / "v.tsv"
    truths = {"a": TRUTH, "b": "nothing to judge"}
    write_verdicts(path, truths, {"a": given_})
    found = read_verdicts(path, truths)
    assert found == {"a": sorted(given_, key=lambda j: j.place), "b": []}
    assert list(documents(path)) == ["a", "b"]


def test_nothing_of_the_truth_is_written(tmp_path: Path) -> None:
    path = tmp_path / "v.tsv"
    wrong = judged(4, 5, Verdict.ENGINE, "quiok")
    write_verdicts(path, {"a": TRUTH}, {"a": [wrong]})
    assert "qui" not in path.read_text()
    assert read_verdicts(path, {"a": TRUTH})["a"][0].expected == "quick"


def test_another_truth_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.tsv"
    write_verdicts(path, {"a": TRUTH}, {})
    with pytest.raises(UsageError, match="line 2: the truth of 'a' is not the one"):
        read_verdicts(path, {"a": TRUTH + "."})
    with pytest.raises(UsageError, match="no document 'a'"):
        read_verdicts(path, {})
