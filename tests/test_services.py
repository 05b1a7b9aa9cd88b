"""The servers that the suite starts do what the fixtures promise."""

from __future__ import annotations

import psycopg
import pytest
import redis

from tests.services import PostgresServer, RedisServer


@pytest.mark.redis
def test_redis_can_be_stopped_frozen_and_started_again(redis_server: RedisServer) -> None:
    def connect(timeout_s: float) -> redis.Redis:
        once = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
        return redis.Redis.from_url(redis_server.url, socket_timeout=timeout_s, retry=once)

    client = connect(60.0)
    client.set("bell", 1)

    redis_server.freeze()
    with connect(0.2) as impatient, pytest.raises(redis.exceptions.TimeoutError):
        impatient.get("bell")
    redis_server.thaw()
    assert client.get("bell") == b"1"

    redis_server.stop()
    with pytest.raises(redis.exceptions.ConnectionError):
        client.get("bell")
    redis_server.start()
    assert client.get("bell") is None
    client.close()


@pytest.mark.redis
def test_redis_is_mended_and_emptied_between_tests(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.keys() == []


@pytest.mark.postgres
def test_a_test_database_is_dropped_even_while_it_is_in_use(
    postgres_server: PostgresServer,
) -> None:
    with postgres_server.new_database() as name:
        url = postgres_server.url(name).replace("+psycopg", "")
        held = psycopg.connect(url)
        held.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")
    held.close()
