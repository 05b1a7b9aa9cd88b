"""The benchmarks of scale in a small form: each part runs and says what it measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import scale
from tests.e2e.harness import draw_scans


def test_queue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "queue.png"
    words = "--databases sqlite --sizes 200,1000 --claims 4 --files 1000 --rounds 2 --paused 100"
    scale.main(["queue", *words.split(), "--plot", str(picture)])
    printed = capsys.readouterr().out
    assert "500 files submitted" in printed
    assert "claim, 100 more are paused" in printed
    assert "are postponed" in printed
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.postgres
def test_queue_under_a_snapshot(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--databases postgresql --sizes 3000 --claims 2 --files 500 --rounds 1 --paused 10"
    scale.main(["queue", *words.split(), "--read", "2000"])
    assert "claim, 2,000 read under a snapshot" in capsys.readouterr().out


@pytest.mark.postgres
def test_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"
    scale.main(["characters", "--sizes", "4000", "--times", "1", "--json", str(figures)])
    assert "100 least confident characters" in capsys.readouterr().out
    assert '"size": 4000' in figures.read_text()


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("lean", [[], ["--lean"]])
def test_workers(capsys: pytest.CaptureFixture[str], lean: list[str]) -> None:
    words = "--workers 3 --processes 1 --queued 500 --seconds 1 --warm-up 0 --read 0.05"
    scale.main(["workers", *words.split(), "--characters", "50", *lean])
    printed = capsys.readouterr().out
    assert "pages a second" in printed
    assert "bells waiting, most" in printed


@pytest.mark.worker
@pytest.mark.postgres
@pytest.mark.redis
def test_fairness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scan = next(draw_scans(tmp_path / "scans", 1).iterdir())
    words = "--engine tests.engines.steady:make_engine --pages 2 --queued 50 --rounds 1"
    scale.main(["fairness", str(scan), *words.split()])
    printed = capsys.readouterr().out
    assert "beside 50 pages, s" in printed
    assert "times as long" in printed
