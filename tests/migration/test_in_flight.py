"""Migrations while pages are being read: nothing is lost, nobody waits for long (PostgreSQL)."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from ocrq.errors import ExitCode, StoreUnavailable
from store import migrate
from store.connections import make_engine
from store.database import Database, parse_url
from store.schema import SCHEMA_VERSION
from tests.e2e.harness import (
    Stack,
    WorkerProcess,
    assert_read_exactly_once,
    draw_scans,
    states,
    wait_until_finished,
    worker_environment,
)
from tests.services import wait_for

pytestmark = pytest.mark.postgres

_PAGES = 300


@pytest.fixture
def first_url(empty_postgres_url: str) -> str:
    """A database of the first schema, with pages in its queue."""
    migrate.upgrade(empty_postgres_url, "0001")
    with _connection(empty_postgres_url) as conn:
        conn.execute(
            text(
                "INSERT INTO batches (name, created_at, options, options_hash, priority)"
                " VALUES ('letters', now(), '{}', 'h', 5)"
            )
        )
        conn.execute(
            text(
                "INSERT INTO documents (batch_id, path, path_bytes, size_bytes, mtime_ns,"
                " page_count, created_at) VALUES (1, 'a', 'a', 1, 1, 1, now())"
            )
        )
        conn.execute(
            text(
                "INSERT INTO models (name, version, weights_sha256, created_at)"
                " VALUES ('m', '1', 's', now())"
            )
        )
        conn.execute(
            text(
                "INSERT INTO pages (batch_id, document_id, number, state, turn)"
                f" SELECT 1, 1, n, 'queued', n FROM generate_series(1, {_PAGES}) n"
            )
        )
    return empty_postgres_url


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = make_engine(parse_url(url))
    with engine.begin() as conn:
        yield conn
    engine.dispose()


def _read_one(conn: Connection) -> bool:
    """What a worker of the first schema does with a page, in its own words."""
    page = conn.execute(
        text(
            "UPDATE pages SET state = 'leased', fence = fence + 1 WHERE id = (SELECT id FROM pages"
            " WHERE state = 'queued' ORDER BY turn LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
        )
    ).scalar()
    if page is None:
        return False
    reading = conn.execute(
        text(
            "INSERT INTO readings (page_id, model_id, options, width_px, height_px, dpi,"
            " dpi_is_estimated, rotation_deg, skew_deg, sharpness, contrast, ink, is_blank,"
            " character_count, doubtful_count, timings, created_at) VALUES (:page, 1, '{}', 9, 9,"
            " 300, false, 0, 0, 1, 1, 0, false, 1, 0, '{}', now()) RETURNING id"
        ),
        {"page": page},
    ).scalar_one()
    conn.execute(
        text(
            "INSERT INTO lines (reading_id, number, region, x0_px, y0_px, x1_px, y1_px,"
            " baseline_x0_px, baseline_y0_px, baseline_x1_px, baseline_y1_px, text)"
            " VALUES (:reading, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 'x')"
        ),
        {"reading": reading},
    )
    conn.execute(
        text(
            "INSERT INTO characters (reading_id, line, position, char, confidence, x0_px, y0_px,"
            " x1_px, y1_px) VALUES (:reading, 0, 0, 'x', 1, 0, 0, 1, 1)"
        ),
        {"reading": reading},
    )
    conn.execute(
        text("UPDATE pages SET state = 'done', reading_id = :reading WHERE id = :page"),
        {"reading": reading, "page": page},
    )
    return True


def test_pages_are_read_while_the_first_schema_becomes_the_second(first_url: str) -> None:
    begun, faults = threading.Event(), []

    def work() -> None:
        engine = make_engine(parse_url(first_url))
        while True:
            try:
                with engine.begin() as conn:
                    if not _read_one(conn):
                        break
                begun.set()
            except Exception as exc:
                if "deadlock" not in str(exc):
                    faults.append(exc)
                    break
        engine.dispose()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert begun.wait(60)
    migrate.upgrade(first_url)
    for worker in workers:
        worker.join(60)
    assert faults == []
    assert migrate.current(first_url) == migrate.head()
    assert migrate.check(first_url) == []
    with _connection(first_url) as conn:
        counts = conn.execute(
            text(
                "SELECT count(*), count(DISTINCT r.page_id), count(DISTINCT c.reading_id)"
                " FROM pages p JOIN readings r ON r.id = p.reading_id"
                " JOIN characters c ON c.reading_id = r.id WHERE p.state = 'done' AND p.fence = 1"
            )
        ).one()
    assert tuple(counts) == (_PAGES, _PAGES, _PAGES)


def test_a_migration_lets_others_pass_while_it_waits(
    first_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's long transaction is in the way; the queue goes on between two tries."""
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT_S", 0.2)
    monkeypatch.setattr(migrate, "_PAUSE_S", 0.1)
    upgrade = threading.Thread(target=migrate.upgrade, args=(first_url,))
    with _connection(first_url) as reader:
        reader.execute(text("SELECT count(*) FROM pages"))  # held open, as a forgotten session is
        upgrade.start()
        for _ in range(20):
            with _connection(first_url) as conn:
                assert _read_one(conn)
        assert upgrade.is_alive()
    upgrade.join(60)
    assert migrate.current(first_url) == migrate.head()


def test_a_migration_that_never_gets_its_locks_says_so_and_changes_nothing(
    first_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT_S", 0.1)
    monkeypatch.setattr(migrate, "_PATIENCE_S", 0.5)
    monkeypatch.setattr(migrate, "_PAUSE_S", 0.1)
    with _connection(first_url) as reader:
        reader.execute(text("SELECT count(*) FROM pages"))
        with pytest.raises(StoreUnavailable, match="pg_stat_activity"):
            migrate.upgrade(first_url)
    assert migrate.current(first_url) == "0001"


def test_a_worker_is_at_work_while_the_schema_moves_on(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of today, and a revision of tomorrow: its pages are written, then it leaves."""
    tomorrow = tmp_path / "versions"
    tomorrow.mkdir()
    (tomorrow / "tomorrow.py").write_text(
        textwrap.dedent(
            f"""
            import sqlalchemy as sa
            from alembic import op
            from store import views
            revision, down_revision = "tomorrow", "{migrate.head()}"
            branch_labels = depends_on = None
            TABLES = ("pages", "readings", "lines", "batches", "workers", "documents")
            def upgrade():
                for statement in views.drop_statements():
                    op.execute(statement)
                for table in TABLES:
                    op.add_column(table, sa.Column("extra", sa.Text()))
                for statement in views.create_statements("postgresql"):
                    op.execute(statement)
            def downgrade():
                for table in TABLES:
                    op.drop_column(table, "extra")
            """
        ),
        encoding="utf-8",
    )
    usual = migrate._config

    def with_tomorrow(conn: Connection | None) -> object:
        config = usual(conn)
        ours = Path(migrate.__file__).parents[1] / "migrations" / "versions"
        config.set_main_option("version_locations", f"{ours}:{tomorrow}")
        return config

    monkeypatch.setattr(migrate, "_config", with_tomorrow)
    db = Database.open(postgres_url)
    env = worker_environment(postgres_url, "memory://", tmp_path / "home")
    stack = Stack(env=env | {"OCRQ_DRAIN_S": "60"}, database=db)
    batch = stack.submit(draw_scans(tmp_path / "scans", 8), "gated").batch_id
    assert batch is not None
    worker = WorkerProcess(stack, tmp_path / "worker.log")
    try:
        wait_for("pages are being read", lambda: states(db, batch).get("leased", 0) == 2, 60)
        migrate.upgrade(postgres_url, "tomorrow")
        stack.open_gate()
        assert worker.process.wait(timeout=60) == ExitCode.STORE, worker.log()
        assert "has schema tomorrow" in worker.log()
        assert states(db, batch) == {"done": 2, "queued": 6}, "what was in flight is written"
        migrate.downgrade(postgres_url, SCHEMA_VERSION)
        worker = WorkerProcess(stack, tmp_path / "worker.log")
        wait_until_finished(db, batch)
        assert states(db, batch) == {"done": 8}
        assert_read_exactly_once(db, batch)
    finally:
        worker.kill()
        db.close()
