"""What `ocrq doctor` asks about the database and the broker."""

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path

from cli.finding import Finding, failed, note, ok
from ocrq.config import Settings
from ocrq.errors import ExitCode, OcrqError, StaleSchema, StoreForbidden


def check_database(settings: Settings) -> Finding:
    """The database answers and has the schema of this program."""
    # slow to load; a broken installation is found before
    from store.database import Database
    from store.rights import check_rights

    path = _sqlite_path(settings)
    if path is not None and not path.exists():
        return _new_database(path, settings)
    try:
        with closing(Database.open(settings.sql_url)) as db:
            to_come = check_rights(db)
    except StaleSchema as exc:
        return failed("database", str(exc), "ocrq db upgrade", exc.exit_code)
    except StoreForbidden as exc:
        cure = "GRANT the rights to this role, or let OCRQ_DATABASE_URL name the tables' owner"
        return failed("database", str(exc), cure, exc.exit_code)
    except OcrqError as exc:
        cure = "check OCRQ_DATABASE_URL, and that the server is up and lets this user in"
        if path is not None and _is_damage(exc):
            cure = _RESTORE
        return failed("database", str(exc), cure, exc.exit_code)
    if to_come is not None:
        said = f"PostgreSQL answers, its schema is current; but {to_come.what}"
        return note("database", said, to_come.cure)
    if path is None:
        return ok("database", "PostgreSQL answers, its schema is current")
    kind = _file_system(path.parent)
    if kind in _NETWORK_FILE_SYSTEMS:
        return failed(
            "database",
            f"{path} lies on a network file system ({kind}), where SQLite loses data",
            "set OCRQ_HOME to a local disk, or OCRQ_DATABASE_URL to a PostgreSQL server",
            ExitCode.STORE,
        )
    return _look_through(path)


#: Looking through so many bytes takes seconds, and monitors ask the doctor each minute.
_LOOKED_THROUGH_BYTES = 10**9


def _look_through(path: Path) -> Finding:
    from store.backup import damage

    size_bytes = path.stat().st_size
    state = f"{path} ({size_bytes / 1e6:,.1f} MB), its schema is current"
    if size_bytes > _LOOKED_THROUGH_BYTES:
        return ok(
            "database",
            f"{state}; not looked through for damage above {_LOOKED_THROUGH_BYTES / 1e6:,.0f} MB"
            " (ocrq db backup does)",
        )
    try:
        found = damage(path)
    except OcrqError as exc:
        return failed("database", str(exc), "see whether the disk is well", exc.exit_code)
    if found is not None:
        return failed("database", f"{path} is damaged: {found}", _RESTORE, ExitCode.STORE)
    return ok("database", f"{state}, no damage")


_RESTORE = (
    "stop all workers and commands, and put a backup in its place, without the -wal and -shm that"
    " lie there (docs/operations.md, Backup and restore)"
)


def _is_damage(error: OcrqError) -> bool:
    """SQLite got at the file and could not make sense of it."""
    import sqlite3

    cause = getattr(error.__cause__, "orig", None)
    return type(cause) is sqlite3.DatabaseError


_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs", "afs"}
)


def _sqlite_path(settings: Settings) -> Path | None:
    scheme, _, rest = settings.sql_url.partition(":///")
    return Path(rest.partition("?")[0]) if scheme.startswith("sqlite") and rest else None


def _new_database(path: Path, settings: Settings) -> Finding:
    parent = next(p for p in path.parents if p.exists())
    if not os.access(parent, os.W_OK):
        return failed(
            "database",
            f"{path} does not exist and {parent} cannot be written",
            "set OCRQ_HOME to a folder of yours",
            ExitCode.STORE,
        )
    made_by = "the first command" if not settings.database_url else "ocrq submit or ocrq run"
    return ok("database", f"{path} does not exist yet; {made_by} makes it")


def _file_system(folder: Path) -> str:
    """Type of the file system that a folder lies on, '' where the system does not tell."""
    try:
        mounts = Path("/proc/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    real = folder.resolve()
    found = ("", "")
    for line in mounts:
        _, mount_point, kind, *_ = line.split(" ")
        point = mount_point.replace("\\040", " ")
        if len(point) >= len(found[0]) and real.is_relative_to(point):
            found = (point, kind)
    return found[1]


def check_broker(settings: Settings) -> Finding:
    """The broker answers; without one the workers look into the database by themselves."""
    if not settings.broker_url.startswith(("redis://", "rediss://")):
        return ok("broker", "none needed (memory://): each worker rings for itself")
    import redis

    shown = re.sub(r"//[^@/]*@", "//***@", settings.broker_url)
    try:
        client = redis.Redis.from_url(
            settings.broker_url, socket_timeout=2, socket_connect_timeout=2
        )
        client.ping()
        version = client.info("server").get("redis_version", "?")
    except (redis.RedisError, ValueError, OSError) as exc:
        return failed(
            "broker",
            f"{shown} does not answer: {exc}",
            "start Redis or check OCRQ_BROKER_URL; submitted work is safe in the database",
            ExitCode.QUEUE,
        )
    return ok("broker", f"Redis {version} answers at {shown}")
