"""Truth for lines out of upper-case labels and running text."""

from __future__ import annotations

import pytest

from training.lines.align import match_line, recover_case

_PAGE = (
    "It was in the year 1840 that the fashion of wearing the crinoline began to spread from "
    "Paris, and the ladies of the court were the first to adopt it."
)


@pytest.mark.parametrize(
    ("read", "label", "expected"),
    [
        ("Tel: 03-123", "TEL: 03-123", "Tel: 03-123"),
        ("TOTAL", "TOTAL", "TOTAL"),
        ("Tota1 Sa1es", "TOTAL SALES", "Total Sales"),
        ("zzzzzzzzz", "TOTAL", None),
    ],
)
def test_case_is_taken_from_the_reading(read: str, label: str, expected: str | None) -> None:
    assert recover_case(read, label) == expected


def test_the_label_itself_never_changes() -> None:
    recovered = recover_case("lnvoice N0 55", "INVOICE NO 55")
    assert recovered is not None
    assert recovered.upper() == "INVOICE NO 55"


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("fasbion of wearing thc crinoline", "fashion of wearing the crinoline"),
        ("wearing the crino-", "wearing the crino-"),
        ("line began to sprcad from", "line began to spread from"),
        ("the ladies of tho court were the", "the ladies of the court were the"),
        ("nothing of the kind stands here at all", None),
        ("1840", None),
    ],
)
def test_a_line_is_found_in_the_running_text(read: str, expected: str | None) -> None:
    assert match_line(read, _PAGE) == expected
