"""Bells: messages that say "there may be a page for you" and nothing more.

A bell carries no page id; who hears one claims the next page in SQL. So a lost, doubled or stale
bell does no harm, and no broker has to be trusted with work.
"""

from __future__ import annotations

import contextlib
import os
from queue import Empty
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES, memory

QUEUE_NAME = "ocrq"
TASK_NAME = "ocrq.process"

#: The default exchange leads to the queue of that name without a table on the broker, so a
#: FLUSHALL cannot break the way (a bound exchange's table would be gone).
QUEUE = Queue(QUEUE_NAME, Exchange("", type="direct"), routing_key=QUEUE_NAME)

#: `memory://` in the settings; see `BellTransport` for the difference.
EMBEDDED_URL = "ocrq-memory://localhost"

#: Bells that may wait on a shared broker, however many children there are.
_MOST_BELLS = 500

#: Readable when a bell waits: wakes the event loop of this process, from whatever thread.
_rung = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)


class BellChannel(memory.Channel):
    """A memory channel that wakes the worker's event loop when a bell is rung."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        os.eventfd_write(_rung, 1)

    def can_deliver(self) -> bool:
        """Whether a bell waits here that a child could take."""
        return bool(
            self._consumers
            and self.qos.can_consume()
            and any(self._size(queue) for queue in self._active_queues)
        )


class BellTransport(memory.Transport):
    """kombu's memory transport, driven by Celery's event loop as Redis is.

    Without it Celery would fall back to its threaded pool. There idle children wait for work on
    one pipe behind one lock, and a child that is killed while it holds that lock stops all others
    for ever; new children are forked by a thread, whose end kills them (PR_SET_PDEATHSIG).
    """

    Channel = BellChannel
    implements = memory.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Deliver bells as events of the loop.

        Not in `on_tick`: what is delivered there goes to a child only after the next event.
        """
        loop.add_reader(_rung, self._deliver_waiting)
        loop.on_tick.add(self._ring_again)

    def _deliver_waiting(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(_rung)
        while self.cycle is not None:
            try:
                self.cycle.get(self._deliver)
            except Empty:  # also when the children have as many bells as they may hold
                return

    def _ring_again(self) -> None:
        """A child may take a bell again that was rung while all held as many as they may."""
        channels: list[Any] = self.channels or []
        if any(channel.can_deliver() for channel in channels):
            os.eventfd_write(_rung, 1)


TRANSPORT_ALIASES[EMBEDDED_URL.partition(":")[0]] = f"{__name__}:BellTransport"
for _kind in ("redis", "rediss"):
    TRANSPORT_ALIASES[_kind] = "worker.redis_bells:BellTransport"


def is_embedded(broker_url: str) -> bool:
    """Whether the bells stay inside each worker process."""
    return broker_url.startswith("memory://")


def wake_loop() -> None:
    """Let the event loop of this process turn, and see for instance that it is to stop."""
    os.eventfd_write(_rung, 1)


def most_bells(children: int) -> int:
    """Bells that may wait for so many children: two for each, so that none waits for a bell.

    >>> [most_bells(children) for children in (0, 3, 1000)]
    [0, 6, 500]
    """
    return min(_MOST_BELLS, 2 * children)


def limit_bells(connection: Connection, most_bells: int) -> None:
    """Ring no bell over this connection to Redis while so many wait, whoever rang them."""
    channel: Any = connection.default_channel
    channel.most_bells = most_bells


def waiting_bells(connection: Connection) -> int:
    """Bells in the queue that no worker has taken yet."""
    channel: Any = connection.default_channel
    return int(channel._size(QUEUE_NAME))
