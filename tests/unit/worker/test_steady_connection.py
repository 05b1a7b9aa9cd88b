from __future__ import annotations

import logging
import time

import pytest

from tests.services import RedisServer, free_port
from worker.steady_connection import SteadyConnection


class _Stop(Exception):
    pass


def _stop() -> None:
    raise _Stop


def test_a_broker_that_is_not_there_is_named_once_and_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection = SteadyConnection(f"redis://:secret@127.0.0.1:{free_port()}/0")
    tries = []

    def stop_later() -> None:
        tries.append(1)
        if len(tries) > 2:
            raise _Stop

    with caplog.at_level(logging.WARNING), pytest.raises(_Stop):
        connection.ensure_connection(callback=stop_later)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "cannot be used" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.redis
def test_a_broker_that_breaks_off_each_connection_is_not_asked_at_once(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SteadyConnection, "connected_s", time.monotonic() + 1000.0)
    with pytest.raises(_Stop):
        SteadyConnection(redis_server.url).ensure_connection(callback=_stop)
    monkeypatch.setattr(SteadyConnection, "connected_s", 0.0)
    with SteadyConnection(redis_server.url) as connection:
        assert connection.ensure_connection().connected
    assert SteadyConnection.connected_s > 0.0
