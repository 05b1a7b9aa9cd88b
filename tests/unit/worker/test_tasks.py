from __future__ import annotations

from typing import Any, cast

import pytest
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import signals

from ocrq.config import Settings
from store.failures import Death
from worker.app import make_app
from worker.child import PageChild
from worker.link import Link
from worker.options import WorkerOptions
from worker.ringer import Ringer
from worker.tasks import register


class _Register:
    """What a Ringer is told of deaths."""

    def __init__(self) -> None:
        self.deaths: list[tuple[str, Death | None]] = []

    def note_death(self, task_id: str, reason: Death | None) -> None:
        self.deaths.append((task_id, reason))


def test_what_a_death_charges(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that reaches Celery's ceiling waited for the database: that is no page's doing."""
    for name in ("setup_logging", "worker_process_init", "task_failure", "worker_shutting_down"):
        monkeypatch.setattr(getattr(signals, name), "receivers", [])
    link, ringer = Link(), _Register()
    child = PageChild(settings, WorkerOptions(name="test:1", concurrency=1, engine="auto"), link)
    register(make_app(settings), child, link, cast(Ringer, ringer))
    deaths: dict[str, Any] = {
        "ceiling": TimeLimitExceeded(960),
        "alarm": WorkerLostError("Worker exited prematurely: signal 14 (SIGALRM) Job: 3."),
        "error": ValueError("no death"),
    }
    for task_id, exception in deaths.items():
        signals.task_failure.send(sender=None, task_id=task_id, exception=exception)
    assert ringer.deaths == [("ceiling", None), ("alarm", "deadline")]
