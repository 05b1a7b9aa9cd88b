from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ocrq.config import Settings
from ocrq.errors import ExitCode
from tests.cli_runner import Ocrq, make_ocrq


@pytest.fixture
def ocrq(tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path / "home")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only installed model: two files with their checksums on its card."""
    folder = tmp_path / "models" / "resnet" / "1"
    folder.mkdir(parents=True)
    files = {}
    for name in ("model.tflite", "vocab.txt"):
        (folder / name).write_text(name)
        files[name] = hashlib.sha256(name.encode()).hexdigest()
    card = {"files": files, "classes": "abc", "temperature": 1.0, "reject_index": None}
    (folder / "card.json").write_text(json.dumps(card))
    monkeypatch.setattr("pipeline.weights.models_root", lambda: tmp_path / "models")
    return folder


def test_models_are_listed(ocrq: Ocrq, model: Path) -> None:
    _, row = ocrq("models", "list").stdout.splitlines()
    assert row.split()[:3] == ["resnet", "1", "3"]
    (value,) = json.loads(ocrq("models", "list", "--json").stdout)
    assert (value["model"], value["classes"], value["size_bytes"]) == ("resnet", "abc", 21)


def test_a_changed_weight_is_found(ocrq: Ocrq, model: Path) -> None:
    assert ocrq("models", "verify").exit_code == ExitCode.DONE
    (model / "model.tflite").write_text("other")
    result = ocrq("models", "verify", "resnet")
    assert result.exit_code == ExitCode.MODEL
    assert "model.tflite" in result.stdout
    (value,) = json.loads(ocrq("models", "verify", "--json").stdout)
    assert "model.tflite" in value["fault"]


def test_an_installation_without_models_is_said(
    ocrq: Ocrq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.weights.models_root", lambda: tmp_path)
    assert ocrq("models", "list").exit_code == ExitCode.MODEL
    assert ocrq("models", "verify").exit_code == ExitCode.MODEL
    assert "nonesuch" in ocrq("models", "verify", "nonesuch").stderr


def test_worker_hands_its_options_over(
    ocrq: Ocrq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def serve(settings: Settings, env: Mapping[str, str], **options: Any) -> ExitCode:
        given.update(options, home=settings.home, env=env)
        return ExitCode.DONE

    monkeypatch.setattr("cli.worker.serve", serve)
    assert ocrq("worker", "-c", "3", "--device", "cpu").exit_code == 0
    assert (given["concurrency"], given["device"], given["engine"]) == (3, "cpu", "auto")
    assert given["home"] == tmp_path / "home"
    assert given["env"]["OCRQ_HOME"] == str(tmp_path / "home")


@pytest.mark.parametrize(
    ("engine", "code", "words"),
    [
        ("nonsense", ExitCode.USAGE, "there is no engine 'nonsense'"),
        ("lacks_its_library:make_engine", ExitCode.MODEL, "no_such_library"),
    ],
)
def test_a_worker_without_its_engine_does_not_begin(
    ocrq: Ocrq,
    engine: str,
    code: ExitCode,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "lacks_its_library.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = ocrq("worker", "--engine", engine)
    assert result.exit_code == code
    assert words in result.stderr
    assert "No worker was heard of" in ocrq("workers").stdout


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://127.0.0.1:99999/0", "Port out of range"),
        ("redis://127.0.0.1:6379/0;redis://127.0.0.1:6379/jobs", "'jobs' is not a number"),
    ],
)
def test_a_broker_that_cannot_be_is_a_setting(tmp_path: Path, url: str, words: str) -> None:
    root = os.fspath(Path(__file__).parents[3])
    ocrq = make_ocrq(tmp_path / "home", OCRQ_BROKER_URL=url, PYTHONPATH=root)
    engine = "tests.engines.fake:make_engine"
    result = ocrq("worker", "-c", "1", "--device", "cpu", "--engine", engine)
    assert result.exit_code == ExitCode.CONFIG
    assert words in result.stderr
