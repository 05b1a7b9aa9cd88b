from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ocrq.errors import StoreError, UsageError
from store.backup import back_up, damage
from store.database import Database
from tests.queueing import make_batch, make_document, rows
from tests.spoiling import spoil_database


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_backup_has_what_is_in_the_log_alone(sqlite_url: str, tmp_path: Path) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, make_document(b"/scans/a.tif"), name="letters")
    target = tmp_path / "backup" / "copy.db"
    target.parent.mkdir()
    assert back_up(sqlite_url, target) == target.stat().st_size
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    copy = Database.open(_url(target))
    assert rows(copy, "SELECT path FROM documents") == [{"path": "/scans/a.tif"}]
    copy.close()
    plain = shutil.copy(tmp_path / "ocrq.db", tmp_path / "plain.db")
    with closing(sqlite3.connect(plain)) as conn:
        assert conn.execute("SELECT count(*) FROM documents").fetchone() == (0,), "why it is needed"
    db.close()


def test_a_backup_is_of_one_moment_and_ends_beside_a_busy_writer(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, make_document(), name="before")
    connect = sqlite3.connect
    writes: list[int] = []

    class Busy(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **_given: object) -> None:
            def write(*_: int) -> None:
                if len(writes) > 1000:
                    raise AssertionError("it begins anew with each commit")
                writes.append(1)
                make_batch(db, make_document(), name=f"meanwhile {len(writes)}")

            super().backup(target, pages=10, progress=write)

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{"factory": Busy, **k}))
    target = tmp_path / "copy.db"
    back_up(sqlite_url, target)
    monkeypatch.undo()
    assert writes
    with closing(sqlite3.connect(target)) as conn:
        assert conn.execute("SELECT name FROM batches").fetchall() == [("before",)]
    db.close()


def test_an_older_backup_is_replaced_only_by_force_and_whole(
    sqlite_url: str, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    log = tmp_path / "copy.db-wal"
    log.write_bytes(b"of another database")
    with pytest.raises(UsageError, match=r"copy\.db-wal is there.*--force"):
        back_up(sqlite_url, target)
    target.write_bytes(b"old")
    with pytest.raises(UsageError, match=r"copy\.db is there"):
        back_up(sqlite_url, target)
    assert target.read_bytes() == b"old"
    back_up(sqlite_url, target, force=True)
    assert not log.exists(), "it would be the ruin of the backup"
    assert damage(target) is None


def test_the_database_is_no_target(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "ocrq.db")
    for target in (tmp_path / "ocrq.db", tmp_path / "link.db", tmp_path):
        with pytest.raises(UsageError, match=r"is (a folder|the database itself)"):
            back_up(sqlite_url, target, force=True)


def test_a_damaged_database_replaces_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_bytes(b"a good one")
    spoil_database(tmp_path / "ocrq.db")
    with pytest.raises(StoreError, match="damaged, no backup was made"):
        back_up(sqlite_url, target, force=True)
    assert target.read_bytes() == b"a good one"
    assert not list(tmp_path.glob(".ocrq-*"))


def test_what_cannot_be_written_is_said(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be copied to"):
        back_up(sqlite_url, tmp_path / "no" / "folder.db")
    with pytest.raises(StoreError, match="there is no database"):
        back_up(_url(tmp_path / "none.db"), tmp_path / "copy.db")
    assert not (tmp_path / "none.db").exists()


def test_postgresql_has_its_own_program() -> None:
    with pytest.raises(UsageError, match=r"pg_dump --format=custom --file=x postgresql://ada@h/o$"):
        back_up("postgresql+psycopg://ada:secret@h/o", Path("x"))
