"""Who may look and correct: this machine, or whoever has the token; no other site's pages."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from review.access import Access
from tests.unit.review.conftest import Client

OPEN_WORLD = "0.0.0.0"
SAID = {"reading_id": 1, "seen": "second", "reviewer": "bo", "text": "other"}


def test_another_name_of_the_host_is_refused(client: TestClient) -> None:
    refused = client.get("/api/batches", headers={"Host": "evil.example"})
    assert refused.status_code == 421
    assert client.get("/api/batches", headers={"Host": "127.0.0.1:9"}).status_code == 200


def test_pages_of_other_sites_correct_nothing(client: TestClient, page_id: int) -> None:
    path = f"/api/pages/{page_id}/lines/1"
    foreign = {"Origin": "http://evil.example"}
    assert client.post(path, json=SAID, headers=foreign).status_code == 403
    form = client.post(path, content="text=other", headers={"Content-Type": "text/plain"})
    assert form.status_code == 403
    own = {"Origin": "http://localhost:8021"}
    assert client.post(path, json=SAID, headers=own).status_code == 200


def test_without_the_token_nothing_is_shown(client_of: Client, page_id: int) -> None:
    client = client_of(Access.of(OPEN_WORLD, "secret"))
    for path in ("/", f"/pages/{page_id}", "/api/batches", "/static/api.js", "/?token=wrong"):
        refused = client.get(path)
        assert refused.status_code == 401
        assert "box 17" not in refused.text


def test_the_address_with_the_token_lets_a_browser_in(client_of: Client, page_id: int) -> None:
    client = client_of(Access.of(OPEN_WORLD, "secret"))
    entered = client.get("/batches/1?token=secret&after=0")
    assert entered.status_code == 303
    assert entered.headers["location"] == "/batches/1?after=0"
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/batches/1").status_code == 200
    assert client.post(f"/api/pages/{page_id}/lines/1", json=SAID).status_code == 200


def test_a_program_gives_the_token_as_a_bearer(client_of: Client) -> None:
    client = client_of(Access.of(OPEN_WORLD, "secret"))
    given = {"Authorization": "Bearer secret"}
    assert client.get("/api/batches", headers=given).status_code == 200
    given = {"Authorization": "Bearer other"}
    assert client.get("/api/batches", headers=given).status_code == 401


@pytest.mark.parametrize("path", ["/", "/api/batches", "/static/review.css", "/nothing"])
def test_a_browser_loads_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
