from __future__ import annotations

from pipeline.engines.dirt import LineFacts, find_dirt


def facts(text: str, **changes: float) -> LineFacts:
    known = {"confidence": 0.95, "rejected": 0.01, "on_baseline": 0.9, "x_height_px": 20.0}
    return LineFacts(text=text, **(known | changes))


PROSE = [facts("runningtextofthepage")] * 3


def dirt_among_prose(*lines: LineFacts) -> list[bool]:
    return [bool(is_dirt) for is_dirt in find_dirt([*PROSE, *lines])[len(PROSE) :]]


def test_page_numbers_and_headings_are_text() -> None:
    assert dirt_among_prose(facts("27"), facts("A"), facts("IV."), facts("May")) == [False] * 4


def test_single_strokes_tiny_and_doubtful_pieces_are_dirt() -> None:
    found = dirt_among_prose(
        facts("l"),
        facts("EE", x_height_px=8.0),
        facts("Yj", confidence=0.4),
        facts("s", confidence=0.7),
    )
    assert found == [True] * 4


def test_ragged_rejected_rows_are_pieces_of_a_drawing() -> None:
    found = dirt_among_prose(
        facts("hatchingofapicture", rejected=0.3, on_baseline=0.4),
        facts("hatchingofapicture", rejected=0.3, confidence=0.5),
        facts("faintdotmatrixprint", rejected=0.3),
        facts("smudged", rejected=0.6),
    )
    assert found == [True, True, False, True]


def test_a_form_without_running_text_keeps_everything() -> None:
    lines = [facts("l"), facts("7", confidence=0.3), *PROSE[:2]]
    assert not find_dirt(lines).any()
