"""Lines that the rule takes for hand print are read by their own network, all others as before."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ocrq.errors import ModelError
from ocrq.types import EngineInfo, PageOptions
from pipeline.binarize import binarize
from pipeline.ctc.path import Logits
from pipeline.engines.crnn import make_engine
from pipeline.engines.engine import LineImage
from pipeline.engines.hand_lines import HandLines, HandRule, outputs_mean, shipped_hand
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation
from pipeline.vocabulary import CHARACTERS, INDEX
from pipeline.weights import find_model
from tests.drawing import make_page
from training.lines.hand_rule import fit_rule, taken

INFO = EngineInfo(name="hand", version="9", weights_sha256="9" * 64)
TEXT = ("the harbour was closed", "two ships waited outside", "the 14 sailors of the Clara")


class SaysSeven:
    """A network that reads a 7 in every line."""

    input_dtype = np.uint8
    lines_at_a_time = 4
    width_step_px = 64

    def run(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        out = np.zeros((len(batch), batch.shape[2] // 4, len(CHARACTERS) + 1), np.float32)
        out[..., 0] = 20
        out[:, 4, INDEX["7"]] = 40
        return out


class Chooses(HandLines):
    """Takes the lines of these numbers for hand print."""

    def __init__(self, *numbers: int) -> None:
        nothing = HandRule(weights=np.zeros(len(CHARACTERS) + 1, np.float32), bias=-1.0)
        super().__init__(SaysSeven(), nothing, INFO)
        self.numbers = list(numbers)

    def among(self, lines: Sequence[Logits]) -> list[int]:
        return self.numbers


def print_lines() -> list[LineImage]:
    gray = make_page(TEXT, dpi=200, size_in=(5.2, 3.2))
    return cut_lines(gray, find_layout(binarize(gray)), Rotation.of(gray.shape[1], len(gray), 0.0))


def test_hand_print_alone_is_read_by_its_network() -> None:
    plain = make_engine()
    lines, options = print_lines(), PageOptions()
    before = plain.read(lines, options)
    read = plain.with_hand(Chooses(1)).read(lines, options)
    assert [r.engine for r in read] == [None, "hand", None]
    assert [r.text for r in read] == [before[0].text, "7", before[2].text]
    assert [r.text for r in plain.read(lines, options)] == [r.text for r in before]


def test_classes_that_are_shut_out_are_so_for_both() -> None:
    engine = make_engine().with_hand(Chooses(0, 1, 2))
    assert [r.text for r in engine.read(print_lines(), PageOptions(classes="digits"))] == ["7"] * 3
    for reading in engine.read(print_lines(), PageOptions(classes="upper")):
        assert "7" not in reading.text


def test_print_is_not_taken_for_hand_print() -> None:
    engine = make_engine()
    by_rule = engine.with_hand(shipped_hand())
    assert {r.engine for r in by_rule.read(print_lines(), PageOptions())} == {None}


def outputs(seed: int, likely: int) -> list[Logits]:
    """Lines of noise in which one class is often second best."""
    rng = np.random.default_rng(seed)
    lines = []
    for steps in rng.integers(5, 60, 60):
        line = rng.normal(0, 1, (int(steps), 12)).astype(np.float32)
        line[:, likely] += 1.5
        line[:, 0] += 6
        lines.append(line)
    return lines


def test_a_rule_is_learnt_from_outputs_and_kept_on_the_card() -> None:
    rule = fit_rule({"hand": outputs(1, 3), "print": outputs(2, 7)}, "hand")
    found = taken(rule, {"hand": outputs(3, 3), "print": outputs(4, 7)})
    assert found["hand"][0] > 0.95
    assert found["print"][0] < 0.05
    model = find_model("hand")
    kept = HandRule.from_card(dataclasses.replace(model, card={"asked": rule.to_card()}))
    np.testing.assert_allclose(kept.weights, rule.weights, atol=1e-4)
    with pytest.raises(ModelError, match="which lines"):
        HandRule.from_card(dataclasses.replace(model, card={}))


def test_a_line_without_a_frame_is_nothing() -> None:
    empty = np.zeros((0, 5), np.float32)
    assert outputs_mean(empty).tolist() == [0.0] * 5
