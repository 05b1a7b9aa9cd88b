"""What SQL must say when the storm is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from ocrq.types import FINAL_STATES
from store.database import Database
from store.result_tables import characters, corrections, lines, readings, regions
from store.schema import documents, page_events, pages
from tests.chaos.scans import VERDICTS
from tests.engines.mixed import Poison


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found; `broken` says in a sentence each what must not be."""

    pages: int = 0
    states: dict[str, int] = field(default_factory=dict)
    poisoned: int = 0
    lost: int = 0  # pages without a final state, or done without their reading
    doubled: int = 0  # readings beyond the one of the attempt that won
    stray_rows: int = 0  # lines, regions or characters of no reading
    corrections: int = 0
    charged_unhurt: int = 0  # pages that were charged although nothing struck them
    broken: list[str] = field(default_factory=list)


def judge(
    db: Database,
    *,
    poisoned: Mapping[tuple[bytes, int], Poison],
    gone: Collection[bytes],
    hits: Mapping[int, int],
    corrected: Mapping[tuple[int, int], str],
) -> Verdict:
    """Look at every page, reading and row.

    Args:
        db: the database, at rest.
        poisoned: (path, page number) -> what is wrong with that page.
        gone: scans that were taken away or changed before they were read.
        hits: page -> faults of chaos that took its reader away.
        corrected: (reading, line) -> text that a person gave it.
    """
    verdict = Verdict(poisoned=len(poisoned), corrections=len(corrected))
    with db.read() as conn:
        rows = conn.execute(
            select(pages, documents.c.path_bytes, func.count(readings.c.id).label("read"))
            .join_from(pages, documents, documents.c.id == pages.c.document_id)
            .join(readings, readings.c.page_id == pages.c.id, isouter=True)
            .group_by(*pages.c, documents.c.path_bytes)
        ).all()
        blamed = set(
            conn.execute(
                select(page_events.c.page_id).where(
                    page_events.c.kind.in_(["kill", "deadline", "memory"])
                )
            ).scalars()
        )
    verdict.pages = len(rows)
    verdict.states = dict(Counter(row.state for row in rows))
    for row in rows:
        poison = poisoned.get((bytes(row.path_bytes), row.number), Poison.NONE)
        _judge_page(verdict, row, poison, bytes(row.path_bytes) in gone, hits.get(row.id, 0))
        if poison is Poison.NONE and row.id in blamed and not hits.get(row.id):
            verdict.charged_unhurt += 1
    _judge_rows(verdict, db)
    _judge_corrections(verdict, db, corrected)
    return verdict


def _judge_page(verdict: Verdict, row: Any, poison: Poison, is_gone: bool, hits: int) -> None:
    name = f"page {row.id} ({poison.name}, {row.state}, {row.error_code}, {hits} hits)"
    if row.state not in FINAL_STATES:
        verdict.lost += 1
        verdict.broken.append(f"{name} has no final state")
    is_done = row.state == "done"
    if is_done and (row.reading_id is None or row.read == 0):
        verdict.lost += 1
        verdict.broken.append(f"{name} is done but has no reading")
    if row.read > is_done:
        verdict.doubled += row.read - is_done
        verdict.broken.append(f"{name} has {row.read} readings")
    accepted = {VERDICTS[poison]}
    if is_gone:
        accepted |= {("failed", "vanished"), ("failed", "changed")}
    if hits and poison is not Poison.NONE:
        accepted |= {("quarantined", "killed")}
    if (row.state, row.error_code) not in accepted:
        verdict.broken.append(f"{name}: {row.error}; attempts {row.attempts}, fence {row.fence}")


def _judge_rows(verdict: Verdict, db: Database) -> None:
    """Each reading has exactly its own rows; no row belongs to an attempt that lost."""
    with db.read() as conn:
        known = select(readings.c.id)
        for table in (regions, lines, characters):
            stray = conn.execute(
                select(func.count()).select_from(table).where(table.c.reading_id.not_in(known))
            ).scalar_one()
            if stray:
                verdict.stray_rows += stray
                verdict.broken.append(f"{stray} rows in {table.name} belong to no reading")
        unread = conn.execute(
            select(func.count())
            .select_from(readings)
            .join(pages, pages.c.id == readings.c.page_id)
            .where(pages.c.reading_id.is_distinct_from(readings.c.id))
        ).scalar_one()
        if unread:
            verdict.broken.append(f"{unread} readings are not those of their pages")
        said = conn.execute(select(readings.c.id, readings.c.character_count)).all()
        counted = {
            row[0]: row[1]
            for row in conn.execute(
                select(characters.c.reading_id, func.count()).group_by(characters.c.reading_id)
            )
        }
        for reading_id, count in said:
            if counted.get(reading_id, 0) != count:
                verdict.broken.append(
                    f"reading {reading_id} has {counted.get(reading_id, 0)} characters, not {count}"
                )
        by_line = {
            (reading_id, line): count
            for reading_id, line, count in conn.execute(
                select(characters.c.reading_id, characters.c.line, func.count()).group_by(
                    characters.c.reading_id, characters.c.line
                )
            )
        }
        for reading_id, number, length in conn.execute(
            select(lines.c.reading_id, lines.c.number, func.length(lines.c.text))
        ):
            if by_line.pop((reading_id, number), 0) != length:
                verdict.broken.append(f"line {number} of reading {reading_id} has other characters")
        if by_line:
            verdict.broken.append(f"{len(by_line)} lines have characters but no row")


def _judge_corrections(
    verdict: Verdict, db: Database, corrected: Mapping[tuple[int, int], str]
) -> None:
    with db.read() as conn:
        for (reading_id, number), text in corrected.items():
            found = conn.execute(
                select(lines.c.corrected_text).where(
                    lines.c.reading_id == reading_id, lines.c.number == number
                )
            ).scalar()
            said = conn.execute(
                select(func.count())
                .select_from(corrections)
                .where(corrections.c.reading_id == reading_id, corrections.c.line == number)
            ).scalar_one()
            if found != text or said < 1:
                verdict.broken.append(f"the correction of line {number} of {reading_id} is lost")
