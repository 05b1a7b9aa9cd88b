from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import pytest

from ocrq.errors import ExitCode, StaleSchema
from store.database import Database
from store.schema import SCHEMA_VERSION
from tests.cli_runner import make_ocrq


def test_the_embedded_database_is_made_on_first_use_and_found(tmp_path: Path) -> None:
    ocrq = make_ocrq(tmp_path / "home")
    path = tmp_path / "home" / "ocrq.db"
    assert ocrq("db", "path").stdout == f"{path}\n"
    assert not path.exists()
    assert ocrq("db", "current").exit_code == ExitCode.STORE
    assert ocrq("status").exit_code == 0
    assert path.exists()
    assert json.loads(ocrq("db", "current", "--json").stdout) == {
        "current": SCHEMA_VERSION,
        "needed": SCHEMA_VERSION,
    }


def test_a_listing_does_not_make_a_database_that_a_setting_names(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'typo.db'}"
    result = make_ocrq(tmp_path, OCRQ_DATABASE_URL=url)("status")
    assert result.exit_code == ExitCode.STORE
    assert "ocrq submit" in result.stderr
    assert not (tmp_path / "typo.db").exists()


def test_upgrade_makes_the_schema_once(tmp_path: Path) -> None:
    ocrq = make_ocrq(tmp_path / "home")
    assert f"went from empty to {SCHEMA_VERSION}" in ocrq("db", "upgrade").stdout
    assert "already" in ocrq("db", "upgrade").stdout


def test_a_database_that_is_made_is_never_seen_without_its_schema(tmp_path: Path) -> None:
    """Whoever opens it as soon as its file is there."""
    path = tmp_path / "home" / "ocrq.db"
    seen: list[str] = []

    def look() -> None:
        while not path.exists():
            pass
        try:
            Database.open(f"sqlite:///{path}").close()
        except StaleSchema as exc:
            seen.append(str(exc))

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    assert make_ocrq(tmp_path / "home")("db", "upgrade").exit_code == 0
    watcher.join()
    assert seen == []


def test_a_place_that_takes_no_database_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = make_ocrq(tmp_path / "file" / "home")("db", "upgrade")
    assert result.exit_code == ExitCode.STORE
    assert "cannot be created: [Errno 20] Not a directory" in result.output


def test_a_backup_is_the_database_and_is_not_replaced(tmp_path: Path) -> None:
    ocrq = make_ocrq(tmp_path / "home")
    target = tmp_path / "copy.db"
    assert ocrq("db", "backup", str(target)).exit_code == ExitCode.STORE, "nothing is there yet"
    ocrq("db", "upgrade")
    result = ocrq("db", "backup", str(target))
    assert result.stdout == f"{target}: {target.stat().st_size:,} bytes\n"
    restored = make_ocrq(tmp_path, OCRQ_DATABASE_URL=f"sqlite:///{target}")
    assert restored("db", "current").exit_code == 0
    assert ocrq("db", "backup", str(target)).exit_code == ExitCode.USAGE
    value = json.loads(ocrq("db", "backup", str(target), "--force", "--json").stdout)
    assert value == {"file": str(target), "size_bytes": target.stat().st_size}


@pytest.mark.postgres
def test_an_empty_postgresql_is_never_filled_silently(
    empty_postgres_url: str, tmp_path: Path
) -> None:
    ocrq = make_ocrq(tmp_path, OCRQ_DATABASE_URL=empty_postgres_url)
    result = ocrq("status")
    assert result.exit_code == ExitCode.STORE
    assert "ocrq db upgrade" in result.stderr
    assert ocrq("db", "upgrade").exit_code == 0
    assert ocrq("status").exit_code == 0


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://ada:secret@localhost:1/ocrq"
    shown = make_ocrq(tmp_path, OCRQ_DATABASE_URL=url)("db", "path").stdout
    assert "ada" in shown
    assert "secret" not in shown


def test_a_server_that_is_away_is_said_in_one_sentence(tmp_path: Path) -> None:
    url = "postgresql+psycopg://ada:secret@127.0.0.1:1/ocrq?connect_timeout=1"
    result = make_ocrq(tmp_path, OCRQ_DATABASE_URL=url)("status")
    assert result.exit_code == ExitCode.STORE
    assert "secret" not in result.stderr
