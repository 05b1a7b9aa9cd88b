"""The Celery application: every setting with its reason."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from celery import Celery

from ocrq.config import Settings
from ocrq.errors import ConfigError
from worker.bells import EMBEDDED_URL, QUEUE, QUEUE_NAME, is_embedded
from worker.steady_connection import SteadyConnection

#: Redis, inside a worker.
_REDIS_OPTIONS: dict[str, Any] = {
    "socket_timeout": 10,  # a frozen broker must not hold a worker for ever
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,  # half-open connections are found within 21 s
    "retry_on_timeout": True,  # without it one timed-out ack can stop a worker for ever
}


#: Time to claim a page and to write what was read on it, when the database is slow.
_DATABASE_S = 300.0


def longest_page_s(settings: Settings) -> float:
    """The deadline of the largest page that is accepted, with time for the database, s.

    >>> longest_page_s(Settings())
    960.0
    """
    largest_megapixels = settings.max_pixels / 1e6
    page_s = settings.deadline_s + settings.deadline_s_per_megapixel * largest_megapixels
    return page_s + _DATABASE_S


def _check_redis_url(broker_url: str) -> None:
    """What kombu would find out when it connects, by an error that says nothing of a setting.

    Raises:
        ConfigError: the port or the number of the database cannot be one.
    """
    for url in broker_url.split(";"):  # kombu tries one after the other
        try:
            parts = urlsplit(url)
            _ = parts.port  # looked at only when it is asked for
        except ValueError as exc:
            raise ConfigError(f"OCRQ_BROKER_URL: {exc}") from exc
        number = parts.path.strip("/")
        if number and not number.isdecimal():
            raise ConfigError(f"OCRQ_BROKER_URL: the database {number!r} is not a number")


def make_app(settings: Settings) -> Celery:
    """Build the application of one process.

    Raises:
        ConfigError: `broker_url` is not of a kind that ocrq uses.
    """
    embedded = is_embedded(settings.broker_url)
    if not embedded and not settings.broker_url.startswith(("redis://", "rediss://")):
        kind = settings.broker_url.partition("://")[0]
        raise ConfigError(
            f"OCRQ_BROKER_URL: no broker of kind {kind!r}; accepted: redis://host:6379/0,"
            " rediss:// (TLS), memory://"
        )
    if not embedded:
        _check_redis_url(settings.broker_url)
    app = Celery(
        "ocrq", broker=EMBEDDED_URL if embedded else settings.broker_url, set_as_current=False
    )
    app.amqp.Connection = SteadyConnection
    app.conf.update(
        # Bells carry nothing, so early acks lose nothing and no visibility timeout matters.
        task_acks_late=False,
        # A page that kills its child must not come back by the broker: SQL counts its attempts.
        task_reject_on_worker_lost=False,
        # A bell held back by a busy worker would be missing at an idle one.
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=not embedded,  # known to Redis only
        # Results are rows in SQL.
        task_ignore_result=True,
        result_backend=None,
        # Nothing that a broker says is executed or unpickled.
        task_serializer="json",
        result_serializer="json",
        event_serializer="json",
        accept_content=["json"],
        # One queue; a misspelt one must be an error, not a second queue that nobody serves.
        task_queues=[QUEUE],
        task_default_queue=QUEUE_NAME,
        task_create_missing_queues=False,
        # No chatter between workers: each reads the state in SQL.
        worker_send_task_events=False,
        worker_enable_remote_control=not embedded,
        # A broker that is away for the night is back in the morning; the default is to give up.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=4,
        # One that answers, but with errors (a replica, a full one), is away like any other.
        broker_channel_error_retry=True,
        # After a lost connection running pages go on: their lease is in SQL.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_transport_options={} if embedded else dict(_REDIS_OPTIONS),
        # How long after a child's death its task counts as lost (the default is 10 s).
        worker_lost_wait=2.0,
        # Loading a model on a busy machine takes longer than the default of 4 s.
        worker_proc_alive_timeout=60.0,
        # Leaks of native libraries end with their process.
        worker_max_tasks_per_child=settings.pages_per_child,
        # A ceiling above every page's own deadline, which the kernel enforces (worker.deadline):
        # a task that lasts longer waits for the database, and its page is not charged.
        task_time_limit=longest_page_s(settings),
        # Our own logging (ocrq.logs) is set up already.
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app
