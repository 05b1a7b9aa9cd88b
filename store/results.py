"""Writing what was read on a page: the reading and the page's new state in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from ocrq.types import EngineInfo, PageResult, PageState
from store.bulk import insert_rows
from store.claims import LeaseRules
from store.database import CLOCKS, Database
from store.leases import Claim, freed, is_held
from store.models import model_id_of
from store.partitions import AHEAD, keep_partitions, partition_of
from store.result_tables import characters, corrections, lines, readings, regions
from store.schema import pages, redos

#: Below this confidence a character is worth a look (index characters_doubtful, the views).
DOUBTFUL_BELOW = 0.9
#: From this confidence on alternatives are not kept.
_CERTAIN_FROM = 0.99

_REGION_COLUMNS = ("reading_id", "number", "kind", "x0_px", "y0_px", "x1_px", "y1_px")
_LINE_COLUMNS = (
    *("reading_id", "number", "region", "x0_px", "y0_px", "x1_px", "y1_px"),
    *("baseline_x0_px", "baseline_y0_px", "baseline_x1_px", "baseline_y1_px"),
    *("text", "confidence", "missing_risk", "engine", "table_row", "table_column", "changed"),
)
_CHARACTER_COLUMNS = (
    *("reading_id", "line", "position", "word", "char", "confidence"),
    *("x0_px", "y0_px", "x1_px", "y1_px", "alternatives"),
)


#: `json.dumps` makes one for each character.
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

# Made once: building a statement takes longer than asking it.
_IS_HELD = is_held(bindparam("page"), bindparam("held_fence"))
_HELD = update(pages).where(_IS_HELD)
_HELD_PAGE = {
    dialect: select(pages.c.owner, pages.c.reading_id, pages.c.redo_id, clock.label("clock"))
    .where(_IS_HELD)
    .with_for_update()
    for dialect, clock in CLOCKS.items()
}
_NEW_READING = insert(readings).returning(readings.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """A result as rows without the reading's id, which is known only inside the transaction."""

    reading: dict[str, Any]
    regions: list[tuple[Any, ...]]
    lines: list[tuple[Any, ...]]
    characters: list[tuple[Any, ...]]
    lowest_confidence: float  # of a character; 1 without any


def complete(
    db: Database,
    claim: Claim,
    result: PageResult,
    model: EngineInfo,
    rules: LeaseRules | None = None,
) -> bool:
    """Write a result and make its page done; an older reading of the page stays in the database.

    A page whose current reading has corrections keeps it: the new one is only added, unless the
    redo that asked for it was told otherwise.

    Args:
        db: the database.
        claim: under which the page was read.
        result: what was read.
        model: with what.
        rules: not needed; accepted so that every ending of a claim is called alike.

    Returns:
        False when the lease was taken away meanwhile: then nothing is written.
    """
    del rules
    rows = _prepare(claim, result)
    model_id = model_id_of(db, model)
    with db.write() as conn:
        found = {"page": claim.page_id, "held_fence": claim.fence}
        page = conn.execute(_HELD_PAGE[db.dialect], found).first()
        if page is None:
            return False
        now = db.at(page.clock)
        reading_id = _write(conn, rows, model_id, now, page.owner)
        changes = freed(PageState.DONE) | {"done_at": now}
        if page.reading_id is None or _may_replace(conn, page.reading_id, page.redo_id):
            changes["reading_id"] = reading_id
            changes["lowest_confidence"] = rows.lowest_confidence
        conn.execute(_HELD, found | changes)
    if db.partitions_until is None or partition_of(reading_id) + AHEAD > db.partitions_until:
        keep_partitions(db)
    return True


def _write(conn: Connection, rows: _Rows, model_id: int, now: datetime, owner: str | None) -> int:
    worker = (owner or "").partition("/")[0] or None
    values = rows.reading | {"model_id": model_id, "created_at": now, "worker": worker}
    reading_id: int = conn.execute(_NEW_READING, values).scalar_one()
    for table, columns, found in (
        (regions, _REGION_COLUMNS, rows.regions),
        (lines, _LINE_COLUMNS, rows.lines),
        (characters, _CHARACTER_COLUMNS, rows.characters),
    ):
        if found:
            insert_rows(conn, table, columns, ((reading_id, *row) for row in found))
    return reading_id


def _may_replace(conn: Connection, reading_id: int, redo_id: int | None) -> bool:
    """What people corrected stays current, unless the redo was told to replace that too."""
    corrected, told = conn.execute(
        select(
            exists().where(corrections.c.reading_id == reading_id),
            exists().where(redos.c.id == redo_id, redos.c.also_reviewed == 1),
        )
    ).one()
    return bool(told or not corrected)


def _prepare(claim: Claim, result: PageResult) -> _Rows:
    character_rows: list[tuple[Any, ...]] = []
    line_rows: list[tuple[Any, ...]] = []
    doubtful = 0
    lowest = 1.0
    for number, line in enumerate(result.lines):
        (left_x, left_y), (right_x, right_y) = line.baseline
        b = line.box
        line_rows.append(
            (
                *(number, line.region, b.x0_px, b.y0_px, b.x1_px, b.y1_px),
                *(float(left_x), float(left_y), float(right_x), float(right_y)),
                *(line.text, line.confidence),
                None if line.missing_risk is None else round(float(line.missing_risk), 5),
                *(line.engine, *(line.cell or (None, None))),
                json.dumps(line.changed, ensure_ascii=False) if line.changed else None,
            )
        )
        word, in_word = -1, False
        for position, char in enumerate(line.chars):
            is_space = char.char.isspace()
            word += not is_space and not in_word
            in_word = not is_space
            # REAL holds seven digits: rounded here, both databases give back the same number
            confidence = round(float(char.confidence), 5)
            doubtful += confidence < DOUBTFUL_BELOW
            lowest = min(lowest, confidence)
            b = char.box
            character_rows.append(
                (
                    *(number, position, None if is_space else word, char.char, confidence),
                    *(b.x0_px, b.y0_px, b.x1_px, b.y1_px),
                    _alternatives(char.alternatives) if confidence < _CERTAIN_FROM else None,
                )
            )
    quality = result.quality
    return _Rows(
        reading={
            "page_id": claim.page_id,
            "options": claim.options.to_json(),
            "width_px": result.width_px,
            "height_px": result.height_px,
            "dpi": result.dpi,
            "dpi_is_estimated": result.dpi_is_estimated,
            "rotation_deg": result.rotation_deg,
            "skew_deg": float(result.skew_deg),
            "sharpness": float(quality.sharpness),
            "contrast": float(quality.contrast),
            "ink": float(quality.ink),
            "is_blank": bool(quality.is_blank),
            "x_height_px": None if quality.x_height_px is None else float(quality.x_height_px),
            "noise": None if quality.noise is None else float(quality.noise),
            "flags": " ".join(quality.flags) or None,
            "confidence": result.confidence,
            "character_count": len(character_rows),
            "doubtful_count": doubtful,
            "timings": json.dumps({k: round(v, 4) for k, v in result.elapsed_s.items()}),
        },
        regions=[
            (r.number, r.kind.value, r.box.x0_px, r.box.y0_px, r.box.x1_px, r.box.y1_px)
            for r in result.regions
        ],
        lines=line_rows,
        characters=character_rows,
        lowest_confidence=lowest,
    )


def _alternatives(found: tuple[tuple[str, float], ...]) -> str | None:
    """Compact JSON, best first: [["O",0.03],["Q",0.01]]; None when there are none."""
    if not found:
        return None
    pairs = [[char, round(float(confidence), 5)] for char, confidence in found]
    return _COMPACT.encode(pairs)
