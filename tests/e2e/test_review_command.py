"""`ocrq review` as a process: where it listens, who it lets in, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.reviewing import reviewing


def test_beyond_this_machine_a_token_is_asked_for(sqlite_url: str) -> None:
    with reviewing("--host", "0.0.0.0", "--port", "0", database_url=sqlite_url) as server:
        printed = urlsplit(server.address)
        here = f"http://127.0.0.1:{printed.port}/"
        assert httpx2.get(here).status_code == 401
        assert httpx2.get(f"{here}?{printed.query}").status_code == 303
        assert server.ended_by(signal.SIGINT) == 0


def test_the_token_of_the_settings_holds(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCRQ_REVIEW_TOKEN", "kept for good")
    with reviewing("--port", "0", database_url=sqlite_url) as server:
        assert server.address.endswith("?token=kept%20for%20good")
        assert httpx2.get(server.address).status_code == 303


def test_a_port_that_is_taken_is_said(sqlite_url: str) -> None:
    ocrq = Path(sys.executable).with_name("ocrq")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [ocrq, "review", "--port", str(port)],
            env={**os.environ, "OCRQ_DATABASE_URL": sqlite_url},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 78
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Review at" not in done.stdout
