from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli import check_machine, check_services, check_software
from cli.finding import Verdict
from ocrq.config import Settings
from ocrq.errors import ExitCode, ModelError
from store.database import Database
from tests.cli_runner import make_ocrq
from tests.services import RedisServer
from tests.spoiling import spoil_database


def test_the_doctor_gives_every_part_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_models() -> None:
        raise ModelError("the weights are gone")

    monkeypatch.setattr("pipeline.weights.list_models", no_models)
    result = make_ocrq(tmp_path / "home")("doctor", "--json")
    findings = {f["check"]: f for f in json.loads(result.stdout)}
    assert set(findings) == {
        *("packages", "database", "broker", "weights", "PDF", "GPU", "disk", "memory")
    }
    assert findings["weights"]["verdict"] == "failed"
    assert findings["weights"]["cure"]
    assert result.exit_code == ExitCode.MODEL
    assert not (tmp_path / "home").exists(), "the doctor changes nothing"
    text = make_ocrq(tmp_path / "home")("doctor").stdout
    assert "FAILED  weights: the weights are gone" in text


def test_a_check_that_cannot_be_made_is_a_failure_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: Settings) -> None:
        raise ImportError("libGL.so.1 is missing")

    monkeypatch.setattr("cli.doctor._CHECKS", (broken, check_machine.check_disk))
    result = make_ocrq(tmp_path)("doctor")
    assert result.exit_code == ExitCode.INTERNAL
    assert "libGL.so.1" in result.stdout
    assert "disk" in result.stdout


def test_a_current_database_is_well(settings: Settings) -> None:
    Database.open(settings.sql_url, create=True).close()
    finding = check_services.check_database(settings)
    assert finding.verdict is Verdict.OK, finding


def test_a_damaged_database_is_a_failure_with_its_cure(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database.open(settings.sql_url, create=True).close()
    path = Path(settings.sql_url.partition(":///")[2])
    spoil_database(path)
    finding = check_services.check_database(settings)
    assert (finding.verdict, finding.exit_code) == (Verdict.FAILED, ExitCode.STORE)
    assert "is damaged" in finding.found
    assert "-wal" in (finding.cure or "")
    monkeypatch.setattr(check_services, "_LOOKED_THROUGH_BYTES", 1)
    finding = check_services.check_database(settings)
    assert finding.verdict is Verdict.OK
    assert "not looked through" in finding.found
    path.write_bytes(b"no database at all" * 1000)
    finding = check_services.check_database(settings)
    assert finding.verdict is Verdict.FAILED
    assert "-wal" in (finding.cure or "")


@pytest.mark.parametrize(
    ("url", "cure"),
    [
        ("postgresql+psycopg://ada@127.0.0.1:1/x?connect_timeout=1", "OCRQ_DATABASE_URL"),
        ("mysql://localhost/x", "OCRQ_DATABASE_URL"),
    ],
)
def test_a_database_that_does_not_answer_has_a_cure(
    url: str, cure: str, settings: Settings
) -> None:
    finding = check_services.check_database(replace(settings, database_url=url))
    assert finding.verdict is Verdict.FAILED
    assert cure in (finding.cure or "")
    assert finding.exit_code is not ExitCode.DONE


def test_a_database_of_another_version_wants_an_upgrade(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    finding = check_services.check_database(replace(settings, database_url=url))
    assert (finding.verdict, finding.cure) == (Verdict.FAILED, "ocrq db upgrade")


def test_sqlite_on_a_network_file_system_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database.open(settings.sql_url, create=True).close()
    monkeypatch.setattr(check_services, "_file_system", lambda _folder: "nfs4")
    finding = check_services.check_database(settings)
    assert finding.verdict is Verdict.FAILED
    assert "nfs4" in finding.found


@pytest.mark.redis
def test_a_broker_that_answers(settings: Settings, redis_server: RedisServer) -> None:
    finding = check_services.check_broker(replace(settings, broker_url=redis_server.url))
    assert finding.verdict is Verdict.OK, finding


def test_a_broker_that_does_not_answer_has_a_cure(settings: Settings) -> None:
    url = "redis://:secret@127.0.0.1:1/0"
    finding = check_services.check_broker(replace(settings, broker_url=url))
    assert finding.verdict is Verdict.FAILED
    assert finding.exit_code is ExitCode.QUEUE
    assert "secret" not in finding.found


@pytest.mark.parametrize(
    ("is_installed", "verdict"), [(True, Verdict.NOTE), (False, Verdict.FAILED)]
)
def test_without_poppler_pypdfium2_serves(
    is_installed: bool, verdict: Verdict, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.scans.poppler.find_poppler", lambda: None)
    monkeypatch.setattr(check_software, "is_installed", lambda _name: is_installed)
    assert check_software.check_poppler(settings).verdict is verdict


def test_missing_packages_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    requires: Callable[[str], Any] = lambda _name: [  # noqa: E731
        "click>=8",
        "tensorflow>=2",
        "no-such-thing>=1",
        'only-for-tests; extra == "dev"',
    ]
    monkeypatch.setattr("importlib.metadata.requires", requires)
    finding = check_software.check_packages(settings)
    assert finding.verdict is Verdict.FAILED
    assert "no-such-thing" in finding.found
    assert "only-for-tests" not in finding.found


def test_little_room_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1 << 20

    monkeypatch.setattr("shutil.disk_usage", lambda _place: Usage)
    assert check_machine.check_disk(settings).verdict is Verdict.FAILED
    monkeypatch.setattr(check_machine, "_available_bytes", lambda: 1 << 20)
    assert check_machine.check_memory(settings).verdict is Verdict.NOTE


def test_a_gpu_is_asked_of_its_driver(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "CPU" in check_machine.check_gpu(settings).found
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Some GPU, 100 MiB'\n")
    program.chmod(0o755)
    assert check_machine.check_gpu(settings).found == "Some GPU, 100 MiB"
    program.write_text("#!/bin/sh\necho 'driver mismatch'; exit 9\n")
    assert check_machine.check_gpu(settings).verdict is Verdict.NOTE
