"""Whether this user may write into the database, asked before work begins.

PostgreSQL says so only to who tries, one table at a time.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from ocrq.errors import StoreForbidden, StoreUnavailable
from store import result_tables
from store.database import Database
from store.partitions import foresee_partitions

_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NAMED = 3

_MISSING = text(
    "SELECT t.name, r.name FROM unnest(CAST(:tables AS text[])) AS t (name)"
    " CROSS JOIN unnest(CAST(:rights AS text[])) WITH ORDINALITY AS r (name, place)"
    " WHERE has_table_privilege(to_regclass(t.name), r.name) IS FALSE ORDER BY t.name, r.place"
).bindparams(bindparam("rights", list(_NEEDED)))

# Numbers are drawn ahead of the rows, and the newest one is asked for.
_MISSING_SEQUENCES = text(
    "SELECT s.relname, r.name FROM unnest(CAST(:tables AS text[])) AS t (name)"
    " JOIN pg_depend d ON d.refobjid = to_regclass(t.name)"
    " JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'"
    " CROSS JOIN (VALUES ('USAGE'), ('SELECT')) AS r (name)"
    " WHERE NOT has_sequence_privilege(s.oid, r.name) ORDER BY s.relname, r.name DESC"
)


class Lack(NamedTuple):
    """What a role will lack one day."""

    what: str
    cure: str


def check_rights(db: Database) -> Lack | None:
    """Make sure that what a worker writes will be taken. SQLite says by itself what it misses.

    Returns:
        What this role will lack later; None: nothing.

    Raises:
        StoreForbidden: this role lacks rights; they are named.
        StoreUnavailable: the server takes no writes just now, or cannot be reached.
    """
    if db.dialect == "sqlite":
        return None
    with db.statement() as conn:
        missing = _missing_rights(conn)
        role, is_read_only = conn.execute(
            text("SELECT current_user, current_setting('transaction_read_only') = 'on'")
        ).one()
    if missing:
        named = ", ".join(missing[:_NAMED])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise StoreForbidden(
            f"the role {role!r} lacks rights in the database: {named}{more}; its owner can GRANT"
            " them, or let this role own the tables"
        )
    if is_read_only:
        raise StoreUnavailable(
            "the database takes no writes just now: it is a standby, or set to be read only"
            " (default_transaction_read_only)"
        )
    return _partitions_to_come(db, role)


def _partitions_to_come(db: Database, role: str) -> Lack | None:
    outlook = foresee_partitions(db)
    if outlook.may_make:
        return None
    lack = Lack(
        what=f"the role {role!r} may not make partitions of the table characters, which only"
        f" {outlook.owner!r} may: there is room for {outlook.room:,} more readings",
        cure=f"GRANT {outlook.owner} TO {role}, or run `ocrq db upgrade` as {outlook.owner} (or a"
        " worker of that role) before they are full",
    )
    if outlook.room <= 0:
        raise StoreForbidden(f"{lack.what}; {lack.cure}")
    return lack


def _missing_rights(conn: Connection) -> list[str]:
    """Such as `INSERT, DELETE on pages`, by table."""
    tables = sorted(result_tables.models.metadata.tables)
    by_table: dict[str, list[str]] = {}
    for question in (_MISSING, _MISSING_SEQUENCES):
        for table, right in conn.execute(question, {"tables": tables}):
            by_table.setdefault(table, []).append(right)
    return [f"{'/'.join(rights)} on {table}" for table, rights in by_table.items()]
