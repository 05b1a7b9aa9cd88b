"""A PostgreSQL that takes no writes, or none of this user: both are trouble, not faults of ocrq."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url, text

from cli import check_services
from cli.finding import Verdict
from ocrq.config import Settings
from ocrq.errors import ExitCode, StoreForbidden, StoreUnavailable
from store.bulk import insert_rows
from store.database import Database
from store.migrate import downgrade
from store.partitions import SPAN_READINGS, ensure_partitions
from store.rights import check_rights
from store.schema import batches
from tests.cli_runner import make_ocrq
from tests.queueing import column, execute, finish, make_batch, page_row, take
from tests.services import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def read_only_url(postgres_url: str, postgres_server: PostgresServer) -> str:
    name = make_url(postgres_url).database
    postgres_server.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    return postgres_url


@pytest.fixture
def guest_url(postgres_url: str, postgres_server: PostgresServer) -> Iterator[str]:
    """The same database for a role that may look at `pages` and do nothing else."""
    postgres_server.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    owner = Database.open(postgres_url)
    execute(owner, "GRANT SELECT ON pages TO guest")
    url = make_url(postgres_url).set(username="guest", password="guest")
    yield url.render_as_string(hide_password=False)
    execute(owner, "DROP OWNED BY guest")
    owner.close()
    postgres_server.execute("DROP ROLE guest")


def test_a_server_that_takes_no_writes_is_unavailable(read_only_url: str) -> None:
    db = Database.open(read_only_url)
    with pytest.raises(StoreUnavailable, match="read only"):
        make_batch(db, pages=1)
    with pytest.raises(StoreUnavailable, match="read only"), db.write() as conn:
        insert_rows(conn, batches, ("name",), [("a",)])
    with pytest.raises(StoreUnavailable, match="read only"):
        check_rights(db)
    with pytest.raises(StoreUnavailable, match="read-only"):
        downgrade(read_only_url, "base")
    db.close()


def test_rights_that_are_missing_are_named(guest_url: str, postgres_url: str) -> None:
    with pytest.raises(StoreForbidden, match=r"alembic_version; .* SELECT, INSERT"):
        Database.open(guest_url)
    owner = Database.open(postgres_url)
    execute(owner, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest")
    execute(owner, "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest")
    execute(owner, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO guest")
    db = Database.open(guest_url)
    check_rights(db)
    execute(owner, "REVOKE DELETE, UPDATE ON pages FROM guest")
    with pytest.raises(StoreForbidden, match=r"'guest' lacks .*: UPDATE/DELETE on pages;"):
        check_rights(db)
    with pytest.raises(StoreForbidden, match="permission denied for table pages"):
        execute(db, "DELETE FROM pages")
    check_rights(owner)
    owner.close()
    db.close()


def test_doctor_finds_both(
    settings: Settings, postgres_url: str, guest_url: str, postgres_server: PostgresServer
) -> None:
    finding = check_services.check_database(replace(settings, database_url=guest_url))
    assert (finding.verdict, finding.exit_code) == (Verdict.FAILED, ExitCode.STORE)
    assert "GRANT" in (finding.cure or "")
    name = make_url(postgres_url).database
    postgres_server.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    finding = check_services.check_database(replace(settings, database_url=postgres_url))
    assert (finding.verdict, finding.exit_code) == (Verdict.FAILED, ExitCode.STORE)
    assert "standby" in finding.found
    postgres_server.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


@pytest.mark.parametrize("words", [["status"], ["pause", "--all"], ["worker", "-c", "1"]])
def test_commands_end_with_the_exit_code_of_the_database(
    guest_url: str, settings: Settings, words: list[str]
) -> None:
    result = make_ocrq(settings.home, OCRQ_DATABASE_URL=guest_url)(*words)
    assert result.exit_code == ExitCode.STORE, result.output
    assert "alembic_version" in result.output


def test_a_worker_that_may_only_look_does_not_start(
    guest_url: str, postgres_url: str, settings: Settings
) -> None:
    owner = Database.open(postgres_url)
    execute(owner, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest")
    result = make_ocrq(settings.home, OCRQ_DATABASE_URL=guest_url)("worker", "-c", "1")
    assert result.exit_code == ExitCode.STORE, result.output
    assert "INSERT/UPDATE/DELETE on " in result.output
    with owner.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM workers")).scalar() == 0
    owner.close()


@pytest.fixture
def clerk_url(guest_url: str, postgres_url: str) -> str:
    """The guest may write every row, and owns nothing."""
    owner = Database.open(postgres_url)
    execute(owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest")
    execute(owner, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO guest")
    owner.close()
    return guest_url


def _go_on_to(db: Database, partition: int) -> None:
    execute(db, f"SELECT setval('readings_id_seq', {partition * SPAN_READINGS})")


def test_partitions_that_only_the_owner_can_make_are_foreseen(
    clerk_url: str, postgres_url: str, settings: Settings
) -> None:
    owner, clerk = Database.open(postgres_url), Database.open(clerk_url)
    there = column(
        owner, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'characters'::regclass"
    )
    to_come = check_rights(clerk)
    assert to_come is not None
    assert "GRANT ocrq TO guest" in to_come.cure
    finding = check_services.check_database(replace(settings, database_url=clerk_url))
    assert (finding.verdict, finding.exit_code) == (Verdict.NOTE, ExitCode.DONE)
    assert "db upgrade" in (finding.cure or "")
    make_batch(owner, pages=2)
    _go_on_to(owner, there[0])
    with pytest.raises(StoreForbidden, match="room for 0 more"):
        check_rights(clerk)
    held = take(clerk)
    with pytest.raises(StoreForbidden, match="only its owner can make more"):
        finish(clerk, held)
    assert page_row(owner, held.page_id)["state"] == "leased", "nothing is charged for that"
    result = make_ocrq(settings.home, OCRQ_DATABASE_URL=postgres_url)("db", "upgrade")
    assert result.exit_code == 0, result.output
    assert finish(clerk, held)
    owner.close()
    clerk.close()


def test_a_member_of_the_owner_makes_partitions_that_the_owner_owns(
    clerk_url: str, postgres_url: str
) -> None:
    owner, clerk = Database.open(postgres_url), Database.open(clerk_url)
    execute(owner, "CREATE ROLE landlord")
    execute(owner, "GRANT CREATE, USAGE ON SCHEMA public TO landlord")
    execute(owner, "ALTER TABLE characters OWNER TO landlord")
    execute(owner, "GRANT landlord TO guest")
    try:
        assert check_rights(clerk) is None
        _go_on_to(owner, 9)
        assert ensure_partitions(clerk) > 0
        made = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = 'characters_p9'"
        assert column(owner, made) == ["landlord"]
        make_batch(owner, pages=1)
        assert finish(clerk, take(clerk))
        assert check_rights(owner) is None
    finally:
        execute(owner, "REASSIGN OWNED BY landlord TO ocrq")
        execute(owner, "DROP OWNED BY landlord")
        execute(owner, "DROP ROLE landlord")
        owner.close()
        clerk.close()


def test_sequences_are_asked_for_too(guest_url: str, postgres_url: str) -> None:
    owner = Database.open(postgres_url)
    execute(owner, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest")
    db = Database.open(guest_url)
    with pytest.raises(StoreForbidden, match="USAGE/SELECT on batches_id_seq"):
        check_rights(db)
    owner.close()
    db.close()
