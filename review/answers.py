"""What the API says of pages and lines, as JSON; docs/review.md explains every key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ocrq.errors import UsageError
from ocrq.types import Box, CharResult, LineResult
from review.parameters import MOST_ID, as_id
from store.database import Database
from store.doubts import DoubtfulCharacter
from store.paths import path_text
from store.progress import BatchProgress
from store.readings import StoredReading
from store.review_lists import (
    ListedPage,
    ReadScan,
    list_doubtful_pages,
    list_pages,
    neighbours,
    settled_characters,
)

Json = dict[str, Any]


def batch_json(progress: BatchProgress) -> Json:
    """A batch in the list of batches."""
    return {
        "batch_id": progress.batch.id,
        "batch": progress.batch.name,
        "created_at": progress.batch.created_at.isoformat(),
        "state": progress.state.value,
        "documents": progress.documents,
        "pages": progress.pages,
        "done": progress.done,
        "lost": progress.lost,
    }


def listed_json(page: ListedPage) -> Json:
    """A page in the list of its batch."""
    return {
        "page_id": page.page_id,
        "path": path_text(page.path),
        "number": page.number,
        "state": page.state.value,
        "error": page.error,
        "is_read": page.is_read,
        "confidence": page.confidence,
        "characters": page.characters,
        "doubtful": page.doubtful,
        "lowest_confidence": page.lowest_confidence,
        "corrections": page.corrections,
    }


def pages_json(db: Database, batch_id: int, after: str, limit: int, *, only_doubtful: bool) -> Json:
    """A part of the list of a batch's pages, and `next`, what to ask for the part behind it.

    Raises:
        UsageError: `after` is no such thing.
    """
    try:
        first, second = after.split("~") if after else ("-1", "0")
        place = float(first) if only_doubtful else as_id(first), as_id(second)
        if not -1 <= place[0] <= MOST_ID:  # NaN is not, either
            raise ValueError(first)
    except ValueError as exc:
        raise UsageError(f"after: {after!r} is no `next` of this list") from exc
    if only_doubtful:
        found = list_doubtful_pages(db, batch_id, after=place, limit=limit + 1)
    else:
        found = list_pages(db, batch_id, after=(int(place[0]), place[1]), limit=limit + 1)
    pages = found[:limit]
    behind = None
    if len(found) > limit:
        last = pages[-1]
        behind = (
            f"{last.lowest_confidence!r}~{last.page_id}"
            if only_doubtful
            else f"{last.document_id}~{last.number}"
        )
    return {"pages": [listed_json(page) for page in pages], "next": behind}


def doubt_json(character: DoubtfulCharacter) -> Json:
    """A character in the list of those in doubt."""
    return {
        "page_id": character.page_id,
        "path": path_text(character.path),
        "number": character.number,
        "line": character.line,
        "position": character.position,
        "char": character.char,
        "confidence": character.confidence,
        "alternatives": [list(other) for other in character.alternatives],
        "text": character.text,
    }


def page_json(db: Database, scan: ReadScan, reading: StoredReading) -> Json:
    """A page with all that was read on it, and what people made of it."""
    result = reading.result
    settled = settled_characters(db, reading.reading_id)
    before, after = neighbours(db, scan)
    return {
        "page_id": scan.page_id,
        "batch_id": scan.batch_id,
        "batch": scan.batch,
        "path": path_text(scan.path),
        "number": scan.number,
        "reading_id": reading.reading_id,
        "width_px": result.width_px,
        "height_px": result.height_px,
        "model": f"{result.engine.name} {result.engine.version}",
        "previous_page_id": before,
        "next_page_id": after,
        "lines": [
            line_json(number, line, reading.corrected, settled)
            for number, line in enumerate(result.lines)
        ],
    }


def line_json(
    number: int,
    line: LineResult,
    corrected: Mapping[int, str],
    settled: Mapping[int, Collection[int] | None],
) -> Json:
    """A line: what the machine read, character by character, and its text by now."""
    of_line = settled.get(number, ())
    return {
        "line": number,
        "region": line.region,
        "box": _box(line.box),
        "machine_text": line.text,
        "text": corrected.get(number, line.text),
        "is_corrected": number in corrected,
        "is_settled": of_line is None,
        "confidence": line.confidence,
        "missing_risk": line.missing_risk,
        "characters": [
            {
                **_character(char),
                "is_settled": of_line is None or position in of_line,
            }
            for position, char in enumerate(line.chars)
        ],
    }


def _character(char: CharResult) -> Json:
    return {
        "char": char.char,
        "confidence": char.confidence,
        "box": _box(char.box),
        "alternatives": [list(other) for other in char.alternatives],
    }


def _box(box: Box) -> list[int]:
    return [box.x0_px, box.y0_px, box.x1_px, box.y1_px]
