"""The REST API: what was read, as JSON, and corrections of what was seen."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from fastapi.testclient import TestClient

from store.batches import resolve_batch
from store.corrections import correct_line
from store.database import Database
from store.doubts import doubtful
from store.redoing import RedoFilter, redo_pages
from tests.queueing import OPTIONS, finish, make_batch, make_document, rows, take
from tests.readings import ENGINE, make_result


def _page(client: TestClient, page_id: int) -> Any:
    answer = client.get(f"/api/pages/{page_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _pages(client: TestClient, batch: str) -> Any:
    return client.get(f"/api/batches/{batch}/pages").json()["pages"]


def _say(client: TestClient, path: str, page: Any, line: int, **said: Any) -> Any:
    body = {"reading_id": page["reading_id"], "seen": page["lines"][line]["text"]}
    return client.post(
        f"/api/pages/{page['page_id']}/lines/{path}", json={**body, "reviewer": "bo", **said}
    )


def test_batches_and_their_pages_are_listed(client: TestClient, page_id: int) -> None:
    (batch,) = client.get("/api/batches").json()
    assert (batch["batch"], batch["state"], batch["pages"], batch["done"]) == (
        "box 17",
        "done",
        1,
        1,
    )
    (listed,) = _pages(client, "box 17")
    assert listed["page_id"] == page_id
    assert (listed["doubtful"], listed["corrections"]) == (1, 0)
    assert listed["lowest_confidence"] == pytest.approx(0.4)


@pytest.mark.parametrize("only_doubtful", [False, True])
def test_pages_of_a_long_batch_come_in_steps(
    client: TestClient, db: Database, only_doubtful: bool
) -> None:
    make_batch(db, make_document(b"a.tif", pages=4), make_document(b"b.tif"), name="long")
    for confidence in (0.5, 0.3, 0.4, 0.2, 0.3):
        finish(db, take(db), make_result("x", doubts={(0, 0): confidence}))
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        path = f"/api/batches/long/pages?limit=2&after={after}&only_doubtful={only_doubtful}"
        answer = client.get(path).json()
        seen += [page["page_id"] for page in answer["pages"]]
        after = answer["next"]
    assert seen == ([4, 2, 5, 3, 1] if only_doubtful else [1, 2, 3, 4, 5])
    wrong = client.get("/api/batches/long/pages?after=elsewhere")
    assert (wrong.status_code, "is no `next`" in wrong.text) == (422, True)


def test_a_duplicate_shows_the_pages_of_its_original(client: TestClient, db: Database) -> None:
    make_batch(db, make_document(b"a.png", sha256="1" * 64), name="first")
    finish(db, take(db), "read")
    make_batch(db, make_document(b"b.png", sha256="1" * 64), name="second")
    (page,) = _pages(client, "second")
    assert (page["path"], page["state"], page["characters"]) == ("b.png", "done", 4)


def test_a_page_has_its_lines_with_what_is_doubtful(client: TestClient, page_id: int) -> None:
    page = _page(client, page_id)
    assert (page["width_px"], page["height_px"], page["batch"]) == (2000, 3000, "box 17")
    assert [line["text"] for line in page["lines"]] == ["Hello <b>world</b>", "second"]
    doubt = page["lines"][0]["characters"][2]
    assert doubt == {
        "char": "l",
        "confidence": pytest.approx(0.4),
        "box": [70, 100, 80, 120],
        "alternatives": [["?", pytest.approx(0.6)]],
        "is_settled": False,
    }


def test_a_page_names_its_neighbours_that_were_read(client: TestClient, db: Database) -> None:
    make_batch(db, make_document(b"a.tif", pages=2), make_document(b"b.tif", pages=2))
    for _ in range(4):
        held = take(db)
        if held.page_id != 3:
            finish(db, held, "x")
    found = [_page(client, page_id) for page_id in (1, 2, 4)]
    assert [(p["previous_page_id"], p["next_page_id"]) for p in found] == [
        (None, 2),
        (1, 4),
        (2, None),
    ]


def test_a_character_is_corrected_and_no_longer_doubtful(
    client: TestClient, db: Database, page_id: int
) -> None:
    page = _page(client, page_id)
    (doubt,) = client.get("/api/batches/box 17/doubtful").json()
    assert (doubt["line"], doubt["position"], doubt["char"]) == (0, 2, "l")
    said = _say(
        client, "0/characters/2", page, 0, kind="replace", char="L", mode="review", seconds=1.5
    )
    assert said.json()["text"] == "HeLlo <b>world</b>"
    assert client.get("/api/batches/box 17/doubtful").json() == []
    after = _page(client, page_id)["lines"][0]
    assert (after["is_corrected"], after["is_settled"]) == (True, False)
    assert [c["is_settled"] for c in after["characters"][:4]] == [False, False, True, False]
    assert rows(db, "SELECT reviewer, mode, seconds FROM corrections") == [
        {"reviewer": "bo", "mode": "review", "seconds": 1.5}
    ]


def test_a_character_is_confirmed_by_itself(client: TestClient, db: Database, page_id: int) -> None:
    page = _page(client, page_id)
    assert _say(client, "0/characters/2", page, 0, kind="replace", char="l").json()["stored"]
    assert doubtful(db, page["batch_id"]) == []
    assert client.get("/api/batches/box 17/pages?only_doubtful=1").json()["pages"] == []


def test_a_character_that_is_not_there_is_taken_out(client: TestClient, page_id: int) -> None:
    page = _page(client, page_id)
    said = _say(client, "1/characters/0", page, 1, kind="delete")
    assert said.json()["text"] == "econd"


def test_a_line_is_corrected_whole(client: TestClient, page_id: int) -> None:
    page = _page(client, page_id)
    assert _say(client, "1", page, 1, text="Second!").json()["before"] == "second"
    line = _page(client, page_id)["lines"][1]
    assert (line["text"], line["machine_text"]) == ("Second!", "second")
    assert line["is_settled"]


def test_what_somebody_else_corrected_meanwhile_is_not_overwritten(
    client: TestClient, db: Database, page_id: int
) -> None:
    page = _page(client, page_id)
    correct_line(db, page_id, 1, "theirs", "carla")
    refused = _say(client, "1", page, 1, text="mine")
    assert refused.status_code == 409
    assert "'theirs'" in refused.json()["error"]
    refused = _say(client, "1/characters/0", page, 1, kind="replace", char="S")
    assert refused.status_code == 409
    assert _page(client, page_id)["lines"][1]["text"] == "theirs"


def test_a_page_that_was_read_anew_is_looked_at_again(
    client: TestClient, db: Database, page_id: int
) -> None:
    page = _page(client, page_id)
    other = dataclasses.replace(OPTIONS, deskew=False)
    redo_pages(db, resolve_batch(db, "box 17"), other, ENGINE, RedoFilter())
    finish(db, take(db), "Hello <b>world</b>\n\nsecond")
    refused = _say(client, "1", page, 1, text="mine")
    assert refused.status_code == 409
    assert "read anew" in refused.json()["error"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/pages/999", 404, "no page with the id 999"),
        ("/api/batches/none/pages", 404, "none"),
        ("/api/pages/1/picture?box=1,2", 422, "not x0,y0,x1,y1"),
        ("/api/pages/1/picture?box=9,9,1,1", 422, "not x0,y0,x1,y1"),
        ("/api/batches/box 17/doubtful?below=7", 422, "below"),
        ("/api/batches/1/pages?after=x", 422, "after"),
        ("/api/nothing", 404, "Not Found"),
    ],
)
def test_errors_say_what_is_wrong(
    client: TestClient, page_id: int, path: str, status: int, says: str
) -> None:
    assert page_id == 1
    answer = client.get(path)
    assert answer.status_code == status
    assert says in answer.json()["error"]


def test_a_page_that_was_not_read_says_so(client: TestClient, db: Database) -> None:
    make_batch(db, pages=1)
    answer = client.get("/api/pages/1")
    assert answer.status_code == 404
    assert "was not read yet: it is queued" in answer.json()["error"]


def test_a_text_with_controls_is_refused(client: TestClient, page_id: int) -> None:
    page = _page(client, page_id)
    refused = _say(client, "1", page, 1, text="a\x1b[0m")
    assert refused.status_code == 422
    assert "cannot stand in a line" in refused.json()["error"]


def test_a_number_is_the_id_of_a_batch_before_it_is_the_name_of_another(
    client: TestClient, db: Database, page_id: int
) -> None:
    make_batch(db, pages=1, name="1")  # a box of that number
    assert _pages(client, "1")[0]["page_id"] == page_id
    assert "box 17" in client.get("/batches/1").text
    assert 'data-batch="1"' in client.get("/batches/1/doubtful").text
    assert _pages(client, "2")[0]["page_id"] == page_id + 1


def test_pages_can_be_left_out_of_what_is_doubtful(
    client: TestClient, db: Database, page_id: int
) -> None:
    make_batch(db, pages=2, name="pages")
    ids = []
    for confidence in (0.2, 0.3):
        held = take(db)
        finish(db, held, make_result("x", doubts={(0, 0): confidence}))
        ids.append(held.page_id)
    found = client.get(f"/api/batches/pages/doubtful?without_page={ids[0]}").json()
    assert [doubt["page_id"] for doubt in found] == ids[1:]
    none = f"/api/batches/pages/doubtful?without_page={ids[0]}&without_page={ids[1]}"
    assert client.get(none).json() == []
    assert page_id not in ids


def test_a_deleted_character_is_put_back(client: TestClient, page_id: int) -> None:
    page = _page(client, page_id)
    _say(client, "1/characters/0", page, 1, kind="delete")
    page = _page(client, page_id)
    again = _say(client, "1/characters/0", page, 1, kind="replace", char="S")
    assert again.json()["text"] == "Second"


def test_the_description_says_what_is_answered(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    picture = paths["/api/pages/{page_id}/picture"]["get"]["responses"]
    assert list(picture["200"]["content"]) == ["image/jpeg"]
    for methods in paths.values():
        for method in methods.values():
            for status in ("404", "422"):  # what FastAPI says of 422 is not what we answer
                (kind,) = method["responses"][status]["content"].values()
                assert kind["schema"]["$ref"].endswith("/Problem")
    line = paths["/api/pages/{page_id}/lines/{line}"]["post"]["responses"]
    assert {"403", "409", "413"} <= line.keys()
