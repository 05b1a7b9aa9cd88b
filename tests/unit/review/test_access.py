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


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("LOCALHOST:8021", 200),
        ("[::1]:8021", 200),
        ("[::1", 421),
        ("", 421),
        ("localhost:8021@evil.example", 421),
        ("evil.example#localhost", 421),
        ("localhost.evil.example", 421),
        ("a_b.evil.example", 421),
    ],
)
def test_names_of_hosts_are_read_strictly(client: TestClient, host: str, status: int) -> None:
    assert client.get("/api/batches", headers={"Host": host}).status_code == status


def test_pages_of_other_sites_load_nothing(client: TestClient, page_id: int) -> None:
    path = f"/api/pages/{page_id}/picture"
    for site in ("cross-site", "same-site"):  # another port of this machine is the same site
        embedded = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert client.get(path, headers=embedded).status_code == 403
        followed = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
        assert client.get("/", headers=followed).status_code == 200
        sent = client.post(f"/api/pages/{page_id}/lines/1", json=SAID, headers=followed)
        assert sent.status_code == 403
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}
    assert client.get(path, headers=own).headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["127.0.0.1:8021", "review.example"])
def test_behind_a_proxy_pages_are_shown_and_corrected(
    client_of: Client, page_id: int, host: str
) -> None:
    """The proxy gives its own name, or ours; the browser knows the proxy alone."""
    client = client_of(Access.of("127.0.0.1", "secret"))
    given = {"Authorization": "Bearer secret", "Host": host}
    assert client.get("/", headers=given).status_code == 200
    page = {"Origin": "https://review.example", "Sec-Fetch-Site": "same-origin"}
    path = f"/api/pages/{page_id}/lines/1"
    assert client.post(path, json=SAID, headers=given | page).status_code == 200


def test_pages_of_other_sites_correct_nothing(client: TestClient, page_id: int) -> None:
    path = f"/api/pages/{page_id}/lines/1"
    for origin in ("http://evil.example", "null", "http://["):
        assert client.post(path, json=SAID, headers={"Origin": origin}).status_code == 403
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


@pytest.mark.parametrize(
    ("address", "goes_on"),
    [
        ("//evil.example/?token=secret", "/evil.example/"),
        ("/%2Fevil.example/?token=secret", "/evil.example/"),
        ("/batches/what%3F?token=secret", "/batches/what%3F"),
        ("/a%0d%0aX-Y:1?token=secret", "/a%0D%0AX-Y%3A1"),
        ("/?token=secret&after=%26", "/?after=%26"),
    ],
)
def test_the_token_leads_nowhere_else(client_of: Client, address: str, goes_on: str) -> None:
    client = client_of(Access.of(OPEN_WORLD, "secret"))
    entered = client.get(f"http://localhost:8021{address}")
    assert entered.headers["location"] == goes_on


def test_any_token_can_be_given_and_servers_keep_theirs_apart(client_of: Client) -> None:
    first, second = (client_of(Access.of(OPEN_WORLD, token)) for token in ("sec€ret, 1", "other"))
    second.cookies = first.cookies  # cookies are shared by all ports of a host
    for client, token in ((first, "sec€ret, 1"), (second, "other")):
        entered = client.get("/", params={"token": token})
        assert entered.status_code == 303
        assert token not in entered.headers["set-cookie"]
    assert first.get("/").status_code == second.get("/").status_code == 200
    first.cookies.clear()
    assert first.get("/").headers["www-authenticate"] == "Bearer"
    given = {b"Authorization": "Bearer sec€ret, 1".encode()}
    assert first.get("/", headers=given).status_code == 200


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
