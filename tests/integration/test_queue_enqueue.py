"""Ringing for a submit: the broker may be fine, closed, frozen or misspelt."""

from __future__ import annotations

import dataclasses
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocrq.config import Settings
from tests.services import RedisServer, free_port
from worker.app import make_app
from worker.bells import waiting_bells
from worker.enqueue import ring


def _bells(settings: Settings) -> int:
    with make_app(settings).connection_for_write() as connection:
        return waiting_bells(connection)


@pytest.mark.redis
def test_bells_arrive_and_are_not_many(settings: Settings, redis_server: RedisServer) -> None:
    settings = dataclasses.replace(settings, broker_url=redis_server.url)
    assert ring(settings, 3, 1000)
    assert _bells(settings) == 3
    assert ring(settings, 100_000, 1000)
    assert _bells(settings) < 100


@pytest.mark.redis
def test_bells_that_are_rung_at_the_same_moment_are_two_a_child(
    settings: Settings, redis_server: RedisServer
) -> None:
    settings = dataclasses.replace(settings, broker_url=redis_server.url)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: ring(settings, 20, 11), range(8)))
    assert _bells(settings) == 22


@pytest.mark.redis
def test_without_workers_nobody_is_rung_for(settings: Settings, redis_server: RedisServer) -> None:
    settings = dataclasses.replace(settings, broker_url=redis_server.url)
    assert ring(settings, 3, 0)
    assert _bells(settings) == 0


def test_embedded_workers_ring_for_themselves(settings: Settings) -> None:
    assert ring(settings, 3, 1)


@pytest.mark.redis
def test_a_frozen_broker_is_a_warning(
    settings: Settings, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.freeze()
    with caplog.at_level(logging.WARNING):
        assert not ring(dataclasses.replace(settings, broker_url=redis_server.url), 3, 1)
    assert "the pages are safe" in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"redis://127.0.0.1:{free_port()}/0", id="closed"),
        pytest.param("redis://no-such-host.invalid:6379/0", id="unknown host"),
        pytest.param("nonsense://x", id="unknown kind"),
    ],
)
def test_a_broker_that_is_not_there_is_a_warning(
    settings: Settings, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert not ring(dataclasses.replace(settings, broker_url=url), 3, 1)
    assert "the pages are safe" in caplog.text
