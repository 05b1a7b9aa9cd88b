"""From real lines in a zip file to a folder that ships, on a network that has learned nothing."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from ocrq.errors import UsageError
from pipeline.calibration import Calibration
from pipeline.engines.hand_lines import HandRule
from pipeline.vocabulary import CHARACTERS
from pipeline.weights import list_models, verify
from tests.drawing import built_in_font
from training.lines.fonts import Font, FontChoice
from training.lines.real import load_real_lines
from training.lines.synthesise import load_lines, save_lines

TEXTS = ("TOTAL 12.50", "CASH", "Rye bread", "TOTAL 12.50", "No. 7")


def draw(text: str) -> np.ndarray:
    font = built_in_font(24)
    image = Image.new("L", (int(font.getlength(text)) + 16, 40), 240)
    ImageDraw.Draw(image).text((8, 4), text, font=font, fill=20)
    return np.asarray(image)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "lines.zip"
    with zipfile.ZipFile(path, "w") as target:
        rows = []
        for k, text in enumerate(TEXTS):
            target.writestr(f"{k}.png", cv2.imencode(".png", draw(text))[1].tobytes())
            rows.append(f"{k}.png\t{text}")
        target.writestr("labels.tsv", "\n".join(rows) + "\n")
    return path


def test_real_lines_count_what_they_leave_out(archive: Path) -> None:
    lines, left_out = load_real_lines(archive)
    assert lines.texts == ("TOTAL 12.50", "CASH", "Rye bread", "TOTAL 12.50", "No. 7")
    assert left_out == 0
    once, left_out = load_real_lines(archive, most_repeats=1)
    assert once.texts.count("TOTAL 12.50") == 1
    assert left_out == 1


def test_labels_outside_the_vocabulary_are_refused_with_their_count(tmp_path: Path) -> None:
    path = tmp_path / "lines.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("0.png", cv2.imencode(".png", draw("x"))[1].tobytes())
        target.writestr("labels.tsv", "0.png\tдад\n0.png\tnone here\n")
    with pytest.raises(UsageError, match=r"3 characters .*'д' \(U\+0434\) 2 times, 'а'"):
        load_real_lines(path)


@pytest.mark.timeout(600)
def test_a_run_becomes_a_model_that_ships(archive: Path, tmp_path: Path) -> None:
    from training.lines.__main__ import main

    run, models = tmp_path / "run", tmp_path / "models"
    run.mkdir()
    real, _ = load_real_lines(archive)
    for number in range(2):
        save_lines(run / f"synth_{number:04d}.npz", real)
    ask = CliRunner().invoke
    added = ask(main, ["add", "--run", str(run), "--name", "shop", "--hold-out", "3", str(archive)])
    assert added.exit_code == 0, added.output
    kept_back = (run / "cal_shop.txt").read_text().split()
    assert len(kept_back) == 3
    sides = [load_lines(run / f"{side}_shop.npz") for side in ("train", "cal")]
    assert sorted(sides[0].texts + sides[1].texts) == sorted(TEXTS)
    assert sides[1].texts == tuple(TEXTS[int(k)] for k in kept_back)
    fitted = ask(main, ["fit", "--run", str(run), "--minutes", "0.01", "--arch", "s"])
    assert fitted.exit_code == 0, fitted.output
    where = ["--run", str(run), "--version", "7", "--models", str(models)]
    packed = ask(main, ["package", *where, "--report", f"shop={archive}", "--fold-case", "shop"])
    assert packed.exit_code == 0, packed.output
    (model,) = list_models(models)
    verify(model)
    assert (model.name, model.version, model.classes) == ("crnn", "7", CHARACTERS)
    assert Calibration.from_card(model.card).kinds
    names = [figures["set"] for figures in model.card["metrics"]["lines"]]
    assert names == ["shop, calibration fold", "shop"]
    assert "| shop (case folded) | 5 |" in (model.folder / "CARD.md").read_text()
    before = model.card["confidence"]
    again = ask(main, ["calibrate", *where, "--report", f"shop={archive}", "--fold-case", "shop"])
    assert again.exit_code == 0, again.output
    (model,) = list_models(models)
    verify(model)
    assert model.card["confidence"] == before
    assert [f["set"] for f in model.card["metrics"]["confidence"]] == names

    by_hand = [*where, "--model", "hand"]
    packed = ask(main, ["package", *by_hand])
    assert packed.exit_code == 0, packed.output
    told = ask(main, ["hand-rule", *by_hand, "--hand", "shop"])
    assert told.exit_code == 0, told.output
    hand = next(m for m in list_models(models) if m.name == "hand")
    verify(hand)
    assert hand.card["asked"]["taken"]["drawn, held out"][1] == len(real)
    assert len(HandRule.from_card(hand).weights) == len(CHARACTERS) + 1
    assert "printed by hand" in (hand.folder / "CARD.md").read_text()


def test_a_font_is_chosen_that_has_every_character() -> None:
    plain = Font(path="plain", style="serif", characters=frozenset("abc "))
    rich = Font(path="rich", style="mono", characters=frozenset("abcé "))
    choice = FontChoice([plain, rich])
    rng = random.Random(1)
    assert {choice.draw(rng, "cab") for _ in range(60)} == {"plain", "rich"}
    assert {choice.draw(rng, "é") for _ in range(20)} <= {"rich", None}
    assert choice.draw(rng, "ж") is None
