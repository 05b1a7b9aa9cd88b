"""Connections of the pool that the server has closed meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from store import connections
from store.database import Database
from tests.services import PostgresServer


def _backends(db: Database) -> list[int]:
    with db.read() as conn:
        return list(conn.execute(text("SELECT pg_backend_pid()")).scalars())


def test_a_connection_that_the_server_has_closed_is_replaced(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    db = Database.open(postgres_url)
    (old,) = _backends(db)
    postgres_server.execute(f"SELECT pg_terminate_backend({old}, 10000)")
    with db.statement(write=True) as conn:
        conn.execute(text("DELETE FROM batches"))
    assert _backends(db) != [old]
    db.close()


@pytest.mark.parametrize(("trusted_s", "asked"), [(60.0, 0), (0.0, 1)])
def test_only_a_connection_that_was_not_used_for_long_is_asked_whether_it_lives(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, trusted_s: float, asked: int
) -> None:
    db = Database.open(postgres_url)
    old = _backends(db)
    monkeypatch.setattr(connections, "_TRUSTED_S", trusted_s)
    pings = []

    def ping(connection: object) -> bool:
        pings.append(connection)
        return True

    monkeypatch.setattr(db.engine.dialect, "do_ping", ping)
    assert _backends(db) == old
    assert len(pings) == asked
    db.close()


def test_a_statement_of_its_own_is_no_transaction_on_postgresql(postgres_url: str) -> None:
    db = Database.open(postgres_url)
    with db.statement() as conn:
        assert conn.execute(text("SELECT 1")).scalar_one() == 1
        assert conn.connection.driver_connection is not None
        assert conn.connection.driver_connection.autocommit
    with db.read() as conn:
        assert conn.connection.driver_connection is not None
        assert not conn.connection.driver_connection.autocommit
    db.close()
