from __future__ import annotations

import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, OperationalError

from ocrq.errors import ConfigError, OcrqError, StaleSchema, StoreError, StoreUnavailable
from store.bulk import insert_rows
from store.database import Database, parse_url
from store.driver_errors import unavailable
from store.schema import pages
from tests.queueing import finish, make_batch, take


@pytest.mark.parametrize(
    "url", ["", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "not a url"]
)
def test_a_url_of_another_kind_is_refused_with_what_is_accepted(url: str) -> None:
    with pytest.raises(ConfigError):
        Database.open(url)


def test_a_missing_file_is_made_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "ocrq.db"
    with pytest.raises(StoreError, match="no database"):
        Database.open(f"sqlite:///{path}")
    assert not path.parent.exists()
    Database.open(f"sqlite:///{path}", create=True).close()
    assert [p.name for p in path.parent.iterdir()] == ["ocrq.db"]


def test_many_first_commands_at_once_make_one_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ocrq.db'}"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_open, [url] * 6) == [None] * 6
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_an_older_schema_is_never_changed_silently(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StaleSchema, match="ocrq db upgrade"):
        Database.open(sqlite_url, create=True)


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ocrq.db"
    path.write_text("this is a shopping list, long enough to be looked at as a header" * 20)
    with pytest.raises(StoreError, match="cannot be read"):
        Database.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be created"):
        Database.open(f"sqlite:///{tmp_path / 'file' / 'ocrq.db'}", create=True)


def test_an_unreachable_server_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        Database.open("postgresql://nobody:secret@127.0.0.1:1/none")
    assert isinstance(caught.value.__cause__, OperationalError)
    assert "secret" not in str(caught.value)


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises((DatabaseError, StoreUnavailable)), database.read() as conn:
        conn.execute(text("DELETE FROM batches"))
    with database.write() as conn:
        conn.execute(text("DELETE FROM batches"))


def test_an_error_rolls_back(database: Database) -> None:
    with pytest.raises(OcrqError, match="stop"), database.write() as conn:
        conn.execute(text("INSERT INTO duties VALUES ('d', 'o', '2026-11-20 10:00:00.000000Z')"))
        raise OcrqError("stop")
    with database.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM duties")).scalar() == 0


def test_time_moves_with_the_clock(database: Database) -> None:
    with database.read() as conn:
        before = database.now(conn)
        database.clock.advance(3600.0)
        assert 3600.0 <= (database.now(conn) - before).total_seconds() < 3660.0


def test_writers_in_threads_wait_for_each_other(database: Database) -> None:
    with database.write() as conn:
        conn.execute(text("INSERT INTO duties VALUES ('d', '0', '2026-11-20 10:00:00.000000Z')"))

    def count(_: int) -> None:
        with database.write() as conn:
            lock = " FOR UPDATE" if database.dialect == "postgresql" else ""
            number = conn.execute(text(f"SELECT owner FROM duties{lock}")).scalar_one()
            conn.execute(text("UPDATE duties SET owner = :o"), {"o": str(int(number) + 1)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(40)))
    with database.read() as conn:
        assert conn.execute(text("SELECT owner FROM duties")).scalar_one() == "40"


def test_a_full_disk_is_unavailable_not_lost(sqlite_url: str) -> None:
    db = Database.open(sqlite_url)
    make_batch(db, pages=1)
    held = take(db)
    with db.write() as conn:
        size = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {size + 2}")
    with pytest.raises(StoreUnavailable, match="full"):
        finish(db, held, "\n".join(["a long line of text" * 10] * 50))
    with db.write() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert finish(db, held, "text")
    db.close()


@pytest.mark.postgres
def test_a_lost_connection_is_unavailable_and_the_next_one_works(postgres_url: str) -> None:
    db, other = Database.open(postgres_url), Database.open(postgres_url)
    make_batch(db, pages=1)
    held = take(db)
    with pytest.raises(StoreUnavailable), db.write() as conn:
        pid = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.write() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        insert_rows(conn, pages, ("batch_id",), [(1,)])
    assert finish(db, held)
    db.close()
    other.close()


def test_it_is_not_carried_over_a_fork(sqlite_url: str) -> None:
    db = Database.open(sqlite_url)
    with multiprocessing.get_context("fork").Pool(1, initializer=_keep, initargs=(db,)) as pool:
        assert "fork" in pool.apply(_use_kept)
    db.close()


_kept: list[Database] = []


def _keep(db: Database) -> None:
    _kept.append(db)


def _use_kept() -> str:
    try:
        with _kept[0].read():
            return "worked"
    except StoreError as exc:
        return str(exc)


def _open(url: str) -> None:
    Database.open(url, create=True).close()


def test_a_folder_that_sqlite_cannot_write_is_named_with_the_cure() -> None:
    with pytest.raises(StoreError, match=r"/proc/self/ocrq\.db cannot be created: .*OCRQ_HOME"):
        Database.open("sqlite:////proc/self/ocrq.db", create=True)


@pytest.mark.parametrize(
    "said", ["attempt to write a readonly database", "unable to open database file"]
)
def test_a_file_that_this_user_may_not_write_is_named_with_what_it_takes(said: str) -> None:
    error = sqlite3.OperationalError(said)
    told = str(unavailable(parse_url("sqlite:////srv/ocrq.db"), error))
    assert "/srv/ocrq.db" in told
    assert "able to write the file and its folder" in told
