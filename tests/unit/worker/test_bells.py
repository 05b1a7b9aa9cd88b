"""The transport inside a worker, driven by an event loop as Celery does."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kombu import Connection, Consumer, Producer
from kombu.asynchronous import Hub
from kombu.exceptions import OperationalError

from ocrq.config import Settings
from tests.services import free_port
from worker.app import make_app
from worker.bells import EMBEDDED_URL, QUEUE, BellChannel, waiting_bells


class Loop:
    """Celery's side: a hub, a consumer with room for one bell, and what it got."""

    def __init__(self) -> None:
        BellChannel.queues.clear()
        self.hub = Hub()
        self.connection = Connection(EMBEDDED_URL)
        self.got: list[Any] = []
        consumer = Consumer(
            self.connection.channel(), [QUEUE], on_message=self.got.append, accept=["json"]
        )
        consumer.qos(prefetch_count=1)
        consumer.consume()
        self.connection.transport.register_with_event_loop(self.connection.connection, self.hub)

    def turn_until(self, check: Callable[[], bool]) -> None:
        loop = self.hub.create_loop()
        deadline = time.monotonic() + 10
        while not check():
            assert time.monotonic() < deadline
            before = len(self.got)
            for tick in list(self.hub.on_tick):
                tick()
            assert len(self.got) == before, "delivered in on_tick, where nobody sends it on"
            next(loop)


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.hub.close()
    made.connection.release()


def _ring(count: int = 1) -> None:
    with Connection(EMBEDDED_URL) as connection:
        producer = Producer(connection.channel())
        for _ in range(count):
            producer.publish({}, routing_key=QUEUE.name, exchange="")


def test_a_bell_from_another_thread_wakes_the_loop(loop: Loop) -> None:
    thread = threading.Timer(0.1, _ring)
    thread.start()
    loop.turn_until(lambda: len(loop.got) == 1)
    thread.join()


def test_a_bell_waits_while_the_children_hold_enough(loop: Loop) -> None:
    _ring(3)
    loop.turn_until(lambda: len(loop.got) == 1)
    assert waiting_bells(loop.connection) == 2
    loop.got[0].ack()  # nothing else happens: the next one must come by itself
    loop.turn_until(lambda: len(loop.got) == 2)
    loop.got[1].ack()
    loop.turn_until(lambda: len(loop.got) == 3)
    assert waiting_bells(loop.connection) == 0


def test_a_lost_broker_is_asked_for_every_few_seconds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    connection = make_app(dataclasses.replace(settings, broker_url=nobody)).connection_for_read()
    slept_s: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", slept_s.append)
    with pytest.raises(OperationalError):
        connection.ensure_connection(None, 12)
    # Half a second more each time, until three are enough.
    assert sum(slept_s) == pytest.approx(sum(min(3.0, 0.5 * (k + 1)) for k in range(12)))
