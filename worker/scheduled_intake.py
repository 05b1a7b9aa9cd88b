"""The intake of due schedules: `python -m worker.scheduled_intake`, started by the Ringer.

A process of its own, because going through a large archive takes longer than a Ringer may be
away. It takes up one run after the other until none waits; killed, another worker goes on.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ocrq.config import Settings, load_settings
from ocrq.errors import OcrqError, StoreError
from ocrq.logs import set_up_logging
from pipeline.engines.registry import engine_info
from store.database import Database
from store.intake import IntakeCounts, NewDocument, add_documents, known_hashes
from store.schedule_intake import (
    RunClaim,
    RunLost,
    SeenFile,
    check_held,
    claim_run,
    finish_run,
    hold_run,
    known_files,
    remember_files,
    run_batch,
)
from worker.prober import Prober
from worker.processes import die_with_parent
from worker.scan_file import PathMap
from worker.signs_of_life import SignsOfLife
from worker.taking import Known, Taker, Tally
from worker.walk import walk

logger = logging.getLogger(__name__)

#: Faults of the moment, or that leave no trace in size and time when they are mended: such files
#: are looked into again by the next run.
_NOT_FINAL = frozenset(
    {
        *("storage_error", "probe_timeout", "probe_memory", "probe_crashed"),
        *("no_permission", "vanished"),
    }
)
#: Exit status of an intake whose run was taken up by another worker.
FENCED_OFF = 75


def take_in(db: Database, settings: Settings, owner: str) -> int:
    """Do the intakes of all runs that wait; returns how many.

    Raises:
        StoreError: the database is away; what was begun is taken up again.
    """
    done = 0
    while (claim := claim_run(db, owner, settings.lease_s)) is not None:
        with _Hold(db, claim, settings):
            _run(db, settings, claim)
        done += 1
    return done


def _run(db: Database, settings: Settings, claim: RunClaim) -> None:
    name = claim.schedule.name
    tally, error = Tally(), None
    try:
        error = _take(db, settings, claim, tally)
    except StoreError:
        raise
    except (OcrqError, OSError, ValueError) as exc:
        error = str(exc)
    counts = {
        "files": tally.files,
        "known": tally.known,
        "unreadable_pages": tally.failed_count,
        "left_out": tally.left_out_count,
    }
    state = finish_run(db, claim, counts, error)
    if error is None:
        logger.info("schedule %s: %s, %d new pages", name, state, tally.pages)
    else:
        logger.error("schedule %s failed: %s", name, error)


def _take(db: Database, settings: Settings, claim: RunClaim, tally: Tally) -> str | None:
    """Take what is new; returns why not everything could be taken, or None."""
    plan = claim.schedule.plan
    options_hash = plan.options.fingerprint(engine_info(plan.options.engine).weights_sha256)
    places = _Places(PathMap.parse(settings.path_map), plan.paths)
    error = None
    if places.missing:
        named = ", ".join(repr(os.fsdecode(path)) for path in places.missing)
        error = f"not there: {named}"
        if not places.present:
            return error
        error += "; what lies in the other paths was taken"
    found = walk(places.present, recursive=plan.is_recursive, exclude=os.fsencode(settings.home))
    with Prober(settings) as prober:
        _NewOnly(db, claim, places, options_hash, prober, tally).take_all(iter(found))
    return error


class _Places:
    """The paths of a schedule on this host, and back (OCRQ_PATH_MAP)."""

    def __init__(self, path_map: PathMap, paths: Sequence[bytes]) -> None:
        here = {path_map.apply(path): path for path in paths}
        self.present = [path for path in here if os.path.lexists(path)]
        self.missing = [path for path in here if not os.path.lexists(path)]
        self._mapped = sorted(
            ((path, named) for path, named in here.items() if path != named),
            key=lambda pair: -len(pair[0]),
        )

    def named(self, path: bytes) -> bytes:
        """A path of this host as the schedule names it."""
        for here, named in self._mapped:
            if path == here or path.startswith(here.rstrip(b"/") + b"/"):
                return named + path[len(here) :]
        return path


class _NewOnly(Taker):
    """Takes the files that the schedule does not know, or that are not as they were."""

    def __init__(
        self,
        db: Database,
        claim: RunClaim,
        places: _Places,
        options_hash: str,
        prober: Prober,
        tally: Tally,
    ) -> None:
        super().__init__(
            db=db,
            batch=None,
            on_duplicate=claim.schedule.plan.on_duplicate,
            prober=prober,
            tally=tally,
            on_progress=lambda progress: None,
            on_commit=lambda pages, more: None,  # the Ringer rings within a tick
            should_stop=lambda: False,
        )
        self._database = db
        self._claim = claim
        self._places = places
        self._options_hash = options_hash
        self._touched: list[SeenFile] = []

    def _known(self, paths: list[bytes]) -> Mapping[bytes, Known]:
        named = {self._places.named(path): path for path in paths}
        known = known_files(self._database, self._claim.schedule.id, list(named))
        return {named[path]: file for path, file in known.items()}

    def _hashes(self, paths: list[bytes]) -> Mapping[tuple[bytes, int, int], str]:
        named = {self._places.named(path): path for path in paths}
        hashes = known_hashes(self._database, list(named))
        return {(named[path], size, time): digest for (path, size, time), digest in hashes.items()}

    def _is_wanted(self, document: NewDocument, known: Known | None) -> bool:
        if known is None or document.sha256 is None or document.sha256 != known.sha256:
            return True
        self._touched.append(_seen(self._as_named(document)))  # another time, the same content
        return False

    def _write(self, documents: list[NewDocument]) -> IntakeCounts:
        batch = run_batch(self._database, self._claim, self._options_hash)
        named = [self._as_named(document) for document in documents]
        seen = [_seen(document) for document in named if document.error_code not in _NOT_FINAL]

        def within(conn: Connection) -> None:
            check_held(conn, self._claim)
            remember_files(conn, self._claim, seen)

        return add_documents(
            self._database, batch, named, on_duplicate=self.on_duplicate, within=within
        )

    def _commit(self, *, more: bool) -> None:
        super()._commit(more=more)
        if self._touched:
            touched, self._touched = self._touched, []
            with self._database.write(durable=True) as conn:
                check_held(conn, self._claim)
                remember_files(conn, self._claim, touched)

    def _as_named(self, document: NewDocument) -> NewDocument:
        return replace(document, path=self._places.named(document.path))


def _seen(document: NewDocument) -> SeenFile:
    return SeenFile(
        path=document.path,
        size_bytes=document.size_bytes,
        mtime_ns=document.mtime_ns,
        sha256=document.sha256,
    )


class _Hold(SignsOfLife):
    """Holds a run while the block runs; the process ends when the run is lost."""

    def __init__(self, db: Database, claim: RunClaim, settings: Settings) -> None:
        super().__init__(settings.heartbeat_s, "hold")
        self._db = db
        self._claim = claim
        self._lease_s = settings.lease_s

    def give(self) -> None:
        try:
            is_ours = hold_run(self._db, self._claim, self._lease_s)
        except StoreError as exc:
            logger.warning("schedule %s: no heartbeat: %s", self._claim.schedule.name, exc)
            return
        if not is_ours and not self.over.is_set():
            logger.warning(
                "schedule %s: the intake was taken up by another worker: stopping",
                self._claim.schedule.name,
            )
            os._exit(FENCED_OFF)


def main() -> None:
    """Entry of the process; exit status 0 when no run waits any more."""
    parser = argparse.ArgumentParser(prog="worker.scheduled_intake")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--owner", required=True)
    args = parser.parse_args()
    die_with_parent(args.parent)
    settings = load_settings(os.environ)
    set_up_logging(settings.log_level, "json" if settings.log_style == "json" else "text")
    try:
        db = Database.open(settings.sql_url)
        try:
            take_in(db, settings, args.owner)
        finally:
            db.close()
    except RunLost as exc:
        logger.warning("%s", exc)
        sys.exit(FENCED_OFF)
    except OcrqError as exc:
        logger.error("an intake was broken off, and is taken up again: %s", exc)
        sys.exit(int(exc.exit_code))


if __name__ == "__main__":
    main()
