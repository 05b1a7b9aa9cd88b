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
from store.rights import check_rights
from store.schema import batches
from tests.cli_runner import make_ocrq
from tests.queueing import execute, make_batch
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
