"""JSON of everything that was read: one object a document, its pages as `ocrq-page-1`.

The schema is `export/schemas/ocrq-document-1.json`; docs/json-export.md describes it for people.
A change that breaks readers gets a new number; fields may be added under the same one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from export.clean import clean_text
from export.document import ExportDocument, ExportPage
from ocrq.types import (
    Box,
    CharResult,
    EngineInfo,
    LineResult,
    PageResult,
    Quality,
    RegionKind,
    RegionResult,
)

DOCUMENT_SCHEMA = "ocrq-document-1"
PAGE_SCHEMA = "ocrq-page-1"
_CONFIDENCE_DIGITS = 6  # the database keeps 24 bits


def load_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of a document, pages included."""
    text = files("export").joinpath("schemas", f"{DOCUMENT_SCHEMA}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def json_chunks(document: ExportDocument) -> Iterator[str]:
    """The file's text; each page is one line, so a large file can be read line by line too."""
    path_text = clean_text(document.path_text)
    head: dict[str, Any] = {
        "schema": DOCUMENT_SCHEMA,
        "batch": document.batch,
        "path": path_text,
    }
    if path_text.encode() != document.path:
        head["path_base64"] = base64.b64encode(document.path).decode()
    yield _dump(head)[:-1] + ',"pages":['
    missing: list[dict[str, Any]] = []
    separator = "\n"
    for page in document.pages:
        if page.result is None:
            missing.append(_missing(page))
            continue
        yield separator + _dump(page_to_json(page, page.result))
        separator = ",\n"
    yield f'\n],"missing_pages":{_dump(missing)}}}\n'


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _missing(page: ExportPage) -> dict[str, Any]:
    return {
        "page": page.number,
        "page_id": page.page_id,
        "state": page.state.value,
        "error_code": page.error_code,
        "error": None if page.error is None else clean_text(page.error),
    }


def page_to_json(page: ExportPage, result: PageResult) -> dict[str, Any]:
    """A page as plain JSON values; boxes are [x0, y0, x1, y1], half-open, upright page pixels."""
    return {
        "schema": PAGE_SCHEMA,
        "page": page.number,
        "page_id": page.page_id,
        "reading_id": page.reading_id,
        "width_px": result.width_px,
        "height_px": result.height_px,
        "dpi": result.dpi,
        "dpi_is_estimated": result.dpi_is_estimated,
        "rotation_deg": result.rotation_deg,
        "skew_deg": result.skew_deg,
        "confidence": _rounded(result.confidence),
        "quality": asdict(result.quality),
        "engine": asdict(result.engine),
        "elapsed_s": dict(result.elapsed_s),
        "regions": [
            {"number": r.number, "kind": r.kind.value, "box": _box(r.box)} for r in result.regions
        ],
        "lines": [
            _line(number, line, page.machine_text) for number, line in enumerate(result.lines)
        ],
    }


def _line(number: int, line: LineResult, machine_text: Mapping[int, str]) -> dict[str, Any]:
    was = machine_text.get(number, line.text)
    return {
        "number": number,
        "region": line.region,
        "box": _box(line.box),
        "baseline": [list(point) for point in line.baseline],
        "text": clean_text(line.text),
        "confidence": _rounded(line.confidence),
        "machine_text": clean_text(was) if was != line.text else None,
        "missing_risk": _rounded(line.missing_risk),
        "engine": line.engine,
        "cell": None if line.cell is None else list(line.cell),
        "changed": [[position, clean_text(char)] for position, char in line.changed],
        "chars": [
            {
                "char": clean_text(c.char),
                "confidence": _rounded(c.confidence),
                "box": _box(c.box),
                "alternatives": [[clean_text(a), _rounded(p)] for a, p in c.alternatives],
            }
            for c in line.chars
        ],
    }


def _box(box: Box) -> list[int]:
    return [box.x0_px, box.y0_px, box.x1_px, box.y1_px]


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, _CONFIDENCE_DIGITS)


def page_from_json(value: Mapping[str, Any]) -> PageResult:
    """Read an `ocrq-page-1` object back; `page_from_json(page_to_json(p, r))` equals `r`.

    Confidences come back rounded, control characters as U+FFFD.
    """
    if value.get("schema") != PAGE_SCHEMA:
        raise ValueError(f"expected schema {PAGE_SCHEMA}, not {value.get('schema')!r}")
    return PageResult(
        width_px=value["width_px"],
        height_px=value["height_px"],
        dpi=value["dpi"],
        dpi_is_estimated=value["dpi_is_estimated"],
        rotation_deg=value["rotation_deg"],
        skew_deg=value["skew_deg"],
        quality=_read_quality(value["quality"]),
        regions=tuple(
            RegionResult(number=r["number"], kind=RegionKind(r["kind"]), box=_read_box(r["box"]))
            for r in value["regions"]
        ),
        lines=tuple(_read_line(line) for line in value["lines"]),
        engine=EngineInfo(**value["engine"]),
        elapsed_s=value["elapsed_s"],
    )


def _read_quality(value: Mapping[str, Any]) -> Quality:
    return Quality(**{**value, "flags": tuple(value.get("flags", ()))})


def _read_line(value: Mapping[str, Any]) -> LineResult:
    (x0_px, y0_px), (x1_px, y1_px) = value["baseline"]
    return LineResult(
        box=_read_box(value["box"]),
        region=value["region"],
        baseline=((x0_px, y0_px), (x1_px, y1_px)),
        chars=tuple(
            CharResult(
                char=c["char"],
                confidence=c["confidence"],
                box=_read_box(c["box"]),
                alternatives=tuple((a, p) for a, p in c["alternatives"]),
            )
            for c in value["chars"]
        ),
        missing_risk=value.get("missing_risk"),
        engine=value.get("engine"),
        cell=None if value.get("cell") is None else (value["cell"][0], value["cell"][1]),
        changed=tuple((position, char) for position, char in value.get("changed", ())),
    )


def _read_box(value: Sequence[int]) -> Box:
    x0_px, y0_px, x1_px, y1_px = value
    return Box(x0_px=x0_px, y0_px=y0_px, x1_px=x1_px, y1_px=y1_px)
