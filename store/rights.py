"""Whether this user may write into the database, asked before work begins.

PostgreSQL says so only to who tries, one table at a time.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, text

from ocrq.errors import StoreForbidden, StoreUnavailable
from store import result_tables
from store.database import Database

_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NAMED = 3

_MISSING = text(
    "SELECT t.name, r.name FROM unnest(CAST(:tables AS text[])) AS t (name)"
    " CROSS JOIN unnest(CAST(:rights AS text[])) WITH ORDINALITY AS r (name, place)"
    " WHERE has_table_privilege(to_regclass(t.name), r.name) IS FALSE ORDER BY t.name, r.place"
).bindparams(bindparam("rights", list(_NEEDED)))


def check_rights(db: Database) -> None:
    """Make sure that what a worker writes will be taken. SQLite says by itself what it misses.

    Raises:
        StoreForbidden: this role lacks rights; they are named.
        StoreUnavailable: the server takes no writes just now, or cannot be reached.
    """
    if db.dialect == "sqlite":
        return
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


def _missing_rights(conn: Connection) -> list[str]:
    """Such as `INSERT, DELETE on pages`, by table."""
    tables = sorted(result_tables.models.metadata.tables)
    by_table: dict[str, list[str]] = {}
    for table, right in conn.execute(_MISSING, {"tables": tables}):
        by_table.setdefault(table, []).append(right)
    return [f"{'/'.join(rights)} on {table}" for table, rights in by_table.items()]
