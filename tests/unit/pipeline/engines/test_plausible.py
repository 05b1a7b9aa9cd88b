"""Answers of an engine that cannot be true are refused, whatever part of them it is."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ocrq.errors import AnswerError
from ocrq.types import Box, CharResult
from pipeline.engines.engine import LineImage, LineReading
from pipeline.engines.plausible import check_answer

PAGE = cast("LineImage", SimpleNamespace(rotation=SimpleNamespace(source_size=(100, 50))))
CHAR = CharResult(char="a", confidence=0.5, box=Box(x0_px=0, y0_px=0, x1_px=100, y1_px=50))
NAN = float("nan")


def one_char(**changes: Any) -> LineReading:
    char = CHAR
    for name, value in changes.items():  # past the checks of the type, as a native library may
        char = dataclasses.replace(CHAR)
        object.__setattr__(char, name, value)
    return LineReading(chars=(char,))


def test_a_true_answer_passes() -> None:
    check_answer("e", [PAGE, PAGE], [one_char(alternatives=(("b", 0.25),)), LineReading()])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (one_char(confidence=NAN), "the confidence nan"),
        (one_char(confidence=1.5), "the confidence 1.5"),
        (one_char(char="\0"), r"the character '\\x00'"),
        (one_char(char=""), "the character ''"),
        (one_char(alternatives=(("b", NAN),)), "an alternative with the confidence nan"),
        (one_char(alternatives=(("\ud800", 0.1),)), "the alternative"),
        (one_char(box=Box(x0_px=0, y0_px=0, x1_px=101, y1_px=5)), "leaves the page of 100 x 50"),
        (LineReading(missing_risk=NAN), "the missing risk nan"),
        (LineReading(changed=((0, "x"),)), "the changed characters 'x' at position 0"),
    ],
)
def test_what_cannot_be_true_is_refused(line: LineReading, said: str) -> None:
    with pytest.raises(AnswerError, match=said) as error:
        check_answer("e", [PAGE, PAGE], [LineReading(), line])
    assert "line 1" in str(error.value)


def test_a_line_that_was_left_out_is_missed() -> None:
    with pytest.raises(AnswerError, match="given 2 lines and read 1"):
        check_answer("e", [PAGE, PAGE], [LineReading()])
