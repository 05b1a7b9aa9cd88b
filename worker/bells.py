"""Bells: messages that say "there may be a page for you" and nothing more.

A bell carries no page id; who hears one claims the next page in SQL. So a lost, doubled or stale
bell does no harm, and no broker has to be trusted with work.
"""

from __future__ import annotations

from queue import Empty
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu.asynchronous import get_event_loop
from kombu.transport import TRANSPORT_ALIASES, memory

QUEUE_NAME = "ocrq"
TASK_NAME = "ocrq.process"

#: The default exchange leads to the queue of that name without a table on the broker, so a
#: FLUSHALL cannot break the way (a bound exchange's table would be gone).
QUEUE = Queue(QUEUE_NAME, Exchange("", type="direct"), routing_key=QUEUE_NAME)

#: `memory://` in the settings; see `BellTransport` for the difference.
EMBEDDED_URL = "ocrq-memory://localhost"


class BellChannel(memory.Channel):
    """A memory channel that wakes the worker's event loop when a bell is rung."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        loop = get_event_loop()
        if loop is not None:
            loop.call_soon(_nothing)


class BellTransport(memory.Transport):
    """kombu's memory transport, driven by Celery's event loop as Redis is.

    Without it Celery would fall back to its threaded pool. There idle children wait for work on
    one pipe behind one lock, and a child that is killed while it holds that lock stops all others
    for ever; new children are forked by a thread, whose end kills them (PR_SET_PDEATHSIG).
    """

    Channel = BellChannel
    implements = memory.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Deliver waiting bells at each turn of the loop; `BellChannel` makes it turn."""
        loop.on_tick.add(self._deliver_waiting)

    def _deliver_waiting(self) -> None:
        while self.cycle is not None:
            try:
                self.cycle.get(self._deliver)
            except Empty:  # also when the children have as many bells as they may hold
                return


TRANSPORT_ALIASES[EMBEDDED_URL.partition(":")[0]] = f"{__name__}:BellTransport"


def is_embedded(broker_url: str) -> bool:
    """Whether the bells stay inside each worker process."""
    return broker_url.startswith("memory://")


def waiting_bells(connection: Connection) -> int:
    """Bells in the queue that no worker has taken yet."""
    channel: Any = connection.default_channel
    return int(channel._size(QUEUE_NAME))


def _nothing() -> None:
    pass
