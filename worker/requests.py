"""What Celery knows of the tasks of this worker; its main thread changes that at any time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celery.worker import state


def active_requests() -> list[Any]:
    """Requests that this worker's children are at."""
    return _copy(state.active_requests)


def reserved_requests() -> list[Any]:
    """Requests that this worker's children have or are about to get."""
    return _copy(state.reserved_requests)


def _copy(requests: Iterable[Any]) -> list[Any]:
    while True:
        try:
            return list(requests)
        except RuntimeError:  # the main thread added one just then
            continue
