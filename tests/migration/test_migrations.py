"""The schema that migrations make is the one that the code knows, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, Index, Integer, Table, inspect

from ocrq.errors import StaleSchema, StoreError, StoreUnavailable
from store import migrate
from store.connections import make_engine
from store.database import Database, parse_url
from store.schema import SCHEMA_VERSION, metadata
from store.views import VIEW_NAMES
from tests.queueing import column, execute, finish, make_batch, take

REVISIONS = ("0001", "0002", "0003", "0004")


def names(url: str) -> tuple[set[str], set[str]]:
    """Tables (without partitions) and views."""
    engine = make_engine(parse_url(url))
    found = inspect(engine)
    tables = {t for t in found.get_table_names() if not t.startswith("characters_p")}
    views = set(found.get_view_names())
    engine.dispose()
    return tables, views


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'ocrq.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def test_the_code_knows_the_newest_revision() -> None:
    assert migrate.head() == SCHEMA_VERSION == REVISIONS[-1]


def test_tables_in_the_database_are_those_in_the_code(database_url: str) -> None:
    assert migrate.current(database_url) == SCHEMA_VERSION
    assert migrate.check(database_url) == []
    assert names(database_url) == ({*metadata.tables, "alembic_version"}, set(VIEW_NAMES))


def test_a_difference_is_found(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = metadata.__class__(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["pages"].append_column(Column("colour", Integer))
    Table("extra", changed, Column("id", Integer, primary_key=True))
    Index("pages_owner", changed.tables["pages"].c.owner)
    monkeypatch.setattr(migrate, "metadata", changed)
    found = "\n".join(migrate.check(database_url))
    assert all(word in found for word in ("colour", "extra", "pages_owner"))


def test_up_down_and_up_again(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    for _ in range(2):
        for revision in REVISIONS:
            migrate.upgrade(empty_url, revision)
            assert migrate.current(empty_url) == revision
        assert migrate.check(empty_url) == []
        migrate.upgrade(empty_url)  # nothing to do
        migrate.downgrade(empty_url, "base")
        assert migrate.current(empty_url) is None
        assert names(empty_url) == ({"alembic_version"}, set())


def test_going_down_with_data_leaves_nothing_behind(database_url: str) -> None:
    db = Database.open(database_url)
    make_batch(db, pages=1)
    finish(db, take(db))
    db.close()
    migrate.downgrade(database_url, "base")
    with pytest.raises(StaleSchema, match="no ocrq schema yet"):
        Database.open(database_url)
    migrate.upgrade(database_url)
    db = Database.open(database_url)
    assert column(db, "SELECT count(*) FROM characters") == [0]
    db.close()


def test_a_database_of_a_newer_program_is_named(database_url: str) -> None:
    db = Database.open(database_url)
    execute(db, "UPDATE alembic_version SET version_num = '9999'")
    db.close()
    with pytest.raises(StaleSchema, match="has schema 9999"):
        Database.open(database_url)
    with pytest.raises(StoreError, match="9999"):
        migrate.upgrade(database_url)


@pytest.mark.postgres
def test_an_empty_server_database_is_never_filled_silently(empty_postgres_url: str) -> None:
    with pytest.raises(StaleSchema, match="ocrq db upgrade"):
        Database.open(empty_postgres_url, create=True)


def test_a_failed_migration_leaves_the_schema_as_it_was(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_dialect: str) -> list[str]:
        return ["CREATE VIEW broken AS SELEKT 1"]

    monkeypatch.setattr("store.views.create_statements", broken)
    with pytest.raises(Exception, match="SELEKT"):
        migrate.upgrade(empty_url)
    monkeypatch.undo()
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert migrate.check(empty_url) == []


def test_an_unreachable_server_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        migrate.upgrade("postgresql://nobody@127.0.0.1:1/none")
