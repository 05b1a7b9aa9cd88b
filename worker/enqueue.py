"""Ringing for a submit: best effort, for work is safe in SQL before anything is rung."""

from __future__ import annotations

import logging
import threading

from ocrq.config import Settings
from ocrq.errors import BrokerUnavailable, ConfigError
from worker.bells import TASK_NAME, is_embedded, limit_bells, most_bells

logger = logging.getLogger(__name__)

#: How long a submit waits for its bells in all, whatever state the broker is in.
_PATIENCE_S = 1.5
#: Enough to start every free child at once; the Ringer rings for the rest.
_MOST_BELLS = 64


def ring(settings: Settings, pages: int, children: int) -> bool:
    """Tell waiting workers that there are new pages.

    A broker that is closed, frozen or unknown is a warning: the Ringer of any worker finds the
    pages within a tick of the broker's return.

    Args:
        settings: `broker_url`; with `memory://` each worker rings for itself.
        pages: how many pages were queued.
        children: pages that all workers can read at a time; bells that would be more than they can
            answer are not rung.

    Returns:
        Whether the bells were rung, or none were needed.
    """
    if is_embedded(settings.broker_url) or pages <= 0:
        return True
    failure: list[BrokerUnavailable] = []
    # A thread bounds what timeouts of sockets do not: name lookups, retries, connection set-up.
    thread = threading.Thread(
        target=_ring,
        args=(settings, min(pages, _MOST_BELLS), most_bells(children), failure),
        daemon=True,
    )
    thread.start()
    thread.join(_PATIENCE_S)
    if thread.is_alive():
        failure.append(BrokerUnavailable(f"the broker did not answer within {_PATIENCE_S:g} s"))
    if failure:
        logger.warning(
            "%s: workers were not told, the pages are safe and start when it is back", failure[0]
        )
    return not failure


def _ring(
    settings: Settings, bells: int, most_waiting: int, failure: list[BrokerUnavailable]
) -> None:
    from kombu.exceptions import KombuError

    from worker.app import make_app

    try:
        app = make_app(settings)
        app.conf.broker_transport_options = {
            "socket_timeout": 1,
            "socket_connect_timeout": 1,
            "max_retries": 0,  # what it answers is said, not that there was no answer
        }
        with app.connection_for_write() as connection:
            limit_bells(connection, most_waiting)
            for _ in range(bells):
                app.send_task(TASK_NAME, connection=connection, retry=False)
    except (OSError, KombuError, ConfigError) as exc:
        failure.append(BrokerUnavailable(f"the broker cannot be reached ({exc})"))
