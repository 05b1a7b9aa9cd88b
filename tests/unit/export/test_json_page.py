from __future__ import annotations

import base64
import json
from typing import Any

import fastjsonschema
import pytest

from export.document import ExportDocument, ExportPage, correct_page
from export.json_page import json_chunks, load_schema, page_from_json, page_to_json
from ocrq.types import PageResult, PageState
from tests.readings import make_result

_validate = fastjsonschema.compile(load_schema())


def _export(*pages: ExportPage, path: bytes = b"scans/a.tif") -> dict[str, Any]:
    text = "".join(json_chunks(ExportDocument(batch="b", path=path, pages=pages)))
    value: dict[str, Any] = json.loads(text)
    _validate(value)
    return value


def _done(result: PageResult, **more: Any) -> ExportPage:
    return ExportPage(
        page_id=5, number=1, state=PageState.DONE, reading_id=9, result=result, **more
    )


def test_a_page_comes_back_from_json_as_it_was() -> None:
    result = make_result("first line\n\nsecond", doubts={(0, 1): 0.5, (1, 0): 0.875})
    page = _done(result)
    assert page_from_json(json.loads(json.dumps(page_to_json(page, result)))) == result


def test_a_page_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="ocrq-page-1"):
        page_from_json({"schema": "ocrq-page-2"})


def test_the_document_follows_its_schema_and_names_missing_pages() -> None:
    failed = ExportPage(
        page_id=6,
        number=2,
        state=PageState.FAILED,
        error_code="truncated",
        error="the file ends too early",
    )
    value = _export(_done(make_result("text")), failed)
    assert [p["page"] for p in value["pages"]] == [1]
    assert value["missing_pages"] == [
        {
            "page": 2,
            "page_id": 6,
            "state": "failed",
            "error_code": "truncated",
            "error": "the file ends too early",
        }
    ]
    assert "path_base64" not in value


def test_a_blank_page_follows_the_schema_too() -> None:
    assert _export(_done(make_result("")))["pages"][0]["confidence"] is None


def test_a_corrected_line_keeps_what_the_machine_read() -> None:
    result, machine_text = correct_page(make_result("c0de"), {0: "code"})
    line = _export(_done(result, machine_text=machine_text))["pages"][0]["lines"][0]
    assert (line["text"], line["machine_text"]) == ("code", "c0de")


def test_a_line_that_a_person_found_right_is_not_a_corrected_one() -> None:
    result, machine_text = correct_page(make_result("code"), {0: "code"})
    line = _export(_done(result, machine_text=machine_text))["pages"][0]["lines"][0]
    assert (line["text"], line["machine_text"]) == ("code", None)


def test_corrections_of_lines_that_do_not_exist_are_left_out() -> None:
    result, machine_text = correct_page(make_result("code"), {3: "more"})
    assert (result.text, machine_text) == ("code", {})


def test_names_that_are_not_utf8_are_kept_as_bytes() -> None:
    value = _export(path=b"caf\xe9.tif")
    assert value["path"] == "caf\\xe9.tif"
    assert base64.b64decode(value["path_base64"]) == b"caf\xe9.tif"


def test_control_characters_become_replacement_characters_one_by_one() -> None:
    line = _export(_done(make_result("a\x00b")))["pages"][0]["lines"][0]
    assert line["text"] == "a�b"
    assert [c["char"] for c in line["chars"]] == ["a", "�", "b"]


def test_each_page_is_a_line_of_the_file() -> None:
    document = ExportDocument(batch="b", path=b"a", pages=[_done(make_result("x"))] * 2)
    lines = "".join(json_chunks(document)).splitlines()
    assert [json.loads(line.rstrip(","))["schema"] for line in lines[1:3]] == ["ocrq-page-1"] * 2
