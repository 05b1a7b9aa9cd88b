"""The views: the questions that users ask most, on current readings, duplicates followed.

They are those of the newest revision. A later revision that changes a view copies this text into
the migrations first, so that every revision can still be made from nothing.
"""

from __future__ import annotations

from typing import Literal

VIEW_NAMES = (
    "page_characters",
    "low_confidence_characters",
    "words",
    "page_text",
    "document_text",
    "batch_progress",
    "failed_pages",
)

#: A duplicate shows the pages of the document that it equals, under its own batch and path.
_PAGES = """
FROM documents d
JOIN batches b ON b.id = d.batch_id
JOIN pages p ON p.document_id = d.source_id"""

_PAGE_COLUMNS = """
  b.id AS batch_id, b.name AS batch, d.id AS document_id, d.path AS path, p.id AS page_id,
  p.number AS page"""

_CHARACTER_COLUMNS = """
  c.reading_id, c.line, c.position, c.word, c.char, c.confidence,
  c.x0_px, c.y0_px, c.x1_px, c.y1_px, c.alternatives"""

#: A literal that each database finds in the condition of the index characters_doubtful. On
#: PostgreSQL a real 0.9 is below the double 0.9; compared as real it is not doubtful there either.
_DOUBTFUL = {"sqlite": "0.9", "postgresql": "CAST(0.9 AS real)"}

_JOINED_LINES = {
    # SQLite keeps the order of a subquery for group_concat; its ORDER BY inside came with 3.44
    "sqlite": """(SELECT group_concat(line_text, char(10)) FROM (
    SELECT coalesce(l.corrected_text, l.text) AS line_text FROM lines l
    WHERE l.reading_id = p.reading_id ORDER BY l.number))""",
    "postgresql": """(SELECT string_agg(coalesce(l.corrected_text, l.text), chr(10)
    ORDER BY l.number) FROM lines l WHERE l.reading_id = p.reading_id)""",
}

_JOINED_PAGES = {
    "sqlite": """(SELECT group_concat(t.page_text, char(12)) FROM (
    SELECT g.text AS page_text FROM page_text g
    WHERE g.document_id = d.id ORDER BY g.page) t)""",
    "postgresql": """(SELECT string_agg(g.text, chr(12) ORDER BY g.page) FROM page_text g
    WHERE g.document_id = d.id)""",
}


def create_statements(dialect: Literal["sqlite", "postgresql"]) -> list[str]:
    """CREATE VIEW for every view, in an order in which they can be made."""
    selects = {
        "page_characters": f"""
SELECT{_PAGE_COLUMNS},{_CHARACTER_COLUMNS}{_PAGES}
JOIN characters c ON c.reading_id = p.reading_id""",
        # not a select on page_characters: the predicate beside the table meets its partial index
        "low_confidence_characters": f"""
SELECT{_PAGE_COLUMNS},{_CHARACTER_COLUMNS}{_PAGES}
JOIN characters c ON c.reading_id = p.reading_id AND c.confidence < {_DOUBTFUL[dialect]}""",
        "words": f"""
SELECT{_PAGE_COLUMNS},
  c.reading_id, c.line, c.word AS number,
  substr(l.text, min(c.position) + 1, CAST(count(*) AS integer)) AS word,
  min(c.confidence) AS confidence,
  min(c.x0_px) AS x0_px, min(c.y0_px) AS y0_px, max(c.x1_px) AS x1_px, max(c.y1_px) AS y1_px
{_PAGES}
JOIN characters c ON c.reading_id = p.reading_id AND c.word IS NOT NULL
JOIN lines l ON l.reading_id = c.reading_id AND l.number = c.line
GROUP BY b.id, b.name, d.id, d.path, p.id, p.number, c.reading_id, c.line, c.word, l.text""",
        "page_text": f"""
SELECT{_PAGE_COLUMNS}, p.reading_id AS reading_id, r.confidence AS confidence,
  coalesce({_JOINED_LINES[dialect]}, '') AS text{_PAGES}
JOIN readings r ON r.id = p.reading_id""",
        "document_text": f"""
SELECT b.id AS batch_id, b.name AS batch, d.id AS document_id, d.path AS path,
  d.page_count AS page_count, coalesce({_JOINED_PAGES[dialect]}, '') AS text
FROM documents d JOIN batches b ON b.id = d.batch_id""",
        "batch_progress": f"""
SELECT b.id AS batch_id, b.name AS batch, b.created_at, b.sealed_at, b.paused_at, b.cancelled_at,
  (SELECT count(*) FROM documents d WHERE d.batch_id = b.id) AS documents,
  (SELECT count(*) FROM documents d WHERE d.batch_id = b.id AND d.duplicate_of IS NOT NULL)
    AS duplicates,
  (SELECT count(*) FROM pages p WHERE p.batch_id = b.id) AS pages,
{_state_counts()}
FROM batches b""",
        "failed_pages": f"""
SELECT{_PAGE_COLUMNS}, p.state, p.error_code, p.error, p.attempts
FROM pages p
JOIN documents d ON d.id = p.document_id
JOIN batches b ON b.id = p.batch_id
WHERE p.state IN ('failed', 'quarantined')""",
    }
    return [f"CREATE VIEW {name} AS {selects[name].strip()}" for name in VIEW_NAMES]


def drop_statements() -> list[str]:
    """DROP VIEW for every view, dependent ones first."""
    return [f"DROP VIEW {name}" for name in reversed(VIEW_NAMES)]


def _state_counts() -> str:
    states = ("queued", "leased", "done", "failed", "quarantined", "cancelled")
    return ",\n".join(
        f"  (SELECT count(*) FROM pages p WHERE p.batch_id = b.id AND p.state = '{s}') AS {s}"
        for s in states
    )
