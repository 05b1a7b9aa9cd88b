from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import train
from ocrq.errors import ExitCode
from tests.cli_runner import Ocrq, make_ocrq
from training.characters.config import Network, Progress, TrainConfig

ROOT = Path(train.__file__).parents[1]


@pytest.fixture
def ocrq(tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path / "home")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    for folder, content in (("truth", "four words are here"), ("texts", "four w0rds are here")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(content)
    (tmp_path / "truth" / "b.txt").write_text("lost")
    return tmp_path


def test_texts_are_scored_with_the_worst_pages_named(ocrq: Ocrq, texts: Path) -> None:
    result = ocrq("evaluate", "text", str(texts / "texts"), "--truth", str(texts / "truth"))
    assert result.exit_code == 0
    assert result.stdout.startswith("CER 21.74% (95 %")
    assert "no text for 1 page: b" in result.stderr
    assert result.stdout.splitlines()[-1].split() == ["a", "5.26%", "1", "19"]


def test_one_page_has_no_interval(ocrq: Ocrq, texts: Path) -> None:
    (texts / "truth" / "b.txt").unlink()
    args = ("evaluate", "text", str(texts / "texts"), "--truth", str(texts / "truth"))
    assert ocrq(*args).stdout.startswith("CER 5.26% (one page: no interval), short")
    value = json.loads(ocrq(*args, "--json").stdout)
    assert (value["cer_low"], value["bag_f1_high"]) == (None, None)


def test_text_scores_as_json(ocrq: Ocrq, texts: Path) -> None:
    args = ("evaluate", "text", str(texts / "texts"), "--truth", str(texts / "truth"), "--json")
    value = json.loads(ocrq(*args).stdout)
    assert value["missing"] == ["b"]
    assert [page["edits"] for page in value["pages"]] == [1, 4]


def test_a_truth_without_texts_is_wrong_use(ocrq: Ocrq, tmp_path: Path) -> None:
    result = ocrq("evaluate", "text", str(tmp_path), "--truth", str(tmp_path))
    assert result.exit_code == ExitCode.USAGE
    assert ".txt" in result.stderr


def test_train_hands_its_options_over_and_names_what_was_made(
    ocrq: Ocrq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[TrainConfig] = []

    def fake(config: TrainConfig, on_progress: Callable[[Progress], None]) -> Path:
        given.append(config)
        on_progress(Progress(stage="train", fraction=0.5, step=7, loss=1.5, accuracy=0.4))
        return config.run_dir / "model"

    monkeypatch.setattr(train, "train_characters", fake)
    file = tmp_path / "hand.npz"
    file.touch()
    run = tmp_path / "run"
    result = ocrq(
        *("train", str(file), "--run", str(run), "--minutes", "2", "--network", "reference"),
        *("--seed", "3", "--threads", "2", "--model-version", "9"),
    )
    assert result.exit_code == 0, result.output
    assert result.stdout == f"model   {run}/model\nreport  {run}/report/report.md\n"
    (config,) = given
    assert (config.network, config.budget_s, config.seed) == (Network.REFERENCE, 120.0, 3)
    assert (config.threads, config.version, config.characters) == (2, "9", (file,))


def test_train_says_from_where_it_goes_on_and_what_an_interruption_kept(
    ocrq: Ocrq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(config: TrainConfig, on_progress: Callable[[Progress], None]) -> Path:
        on_progress(Progress(stage="data", fraction=0, step=1200))
        folder = config.run_dir / "checkpoints" / "step-00001300"
        folder.mkdir(parents=True)
        (folder / "state.json").write_text('{"step": 1300, "elapsed_s": 1.5}')
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "train_characters", fake)
    file = tmp_path / "hand.npz"
    file.touch()
    result = ocrq("train", str(file), "--run", str(tmp_path / "run"))
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "goes on from batch 1,200 of the run" in result.stderr
    assert "kept up to batch 1,300" in result.stderr


def test_tensorflow_does_not_greet_before_errors(tmp_path: Path) -> None:
    (tmp_path / "hand.npz").touch()
    command = [sys.executable, "-m", "cli.main", "train", "hand.npz", "--run", "run"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.USAGE
    assert [line[:6] for line in done.stderr.splitlines()] == ["Error:"]


def test_train_wants_files(ocrq: Ocrq, tmp_path: Path) -> None:
    assert ocrq("train", "--run", str(tmp_path)).exit_code == ExitCode.USAGE
