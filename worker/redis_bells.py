"""Bells on Redis: kombu's transport, with a bound on the bells that wait.

Several processes may ring at the same moment: a submit, the Ringer, and on a busy host the one
that was elected before. Each of them counting first and ringing then, they would ring one more
than any of them meant to; Redis counts and rings in one step.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from kombu.utils.json import dumps

#: Ring, unless so many wait already.
_RING = """
if redis.call('llen', KEYS[1]) < tonumber(ARGV[1]) then redis.call('lpush', KEYS[1], ARGV[2]) end
"""
#: Written on each new connection, and gone after a second.
_PROBE = "ocrq.probe"


class BellChannel(redis.Channel):
    """A channel that may be told how many bells may wait."""

    most_bells: int | None = None  # None: any number

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Connect; a Redis that takes no bells (a replica, a full one) is not connected to."""
        super().__init__(*args, **kwargs)
        try:
            self.client.set(_PROBE, 1, px=1000)
        except BaseException:
            self.close()
            raise

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        if self.most_bells is None:
            super()._put(queue, message, **kwargs)
            return
        with self.conn_or_acquire() as client:
            client.eval(_RING, 1, queue, self.most_bells, dumps(message))


class BellTransport(redis.Transport):
    """kombu's transport to Redis, with our channel."""

    Channel = BellChannel
