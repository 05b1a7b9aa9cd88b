"""What one worker is told to be: handed from the supervisor to its Celery main as arguments."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from typing import Literal

from ocrq.types import PageOptions

Device = Literal["auto", "cpu", "gpu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """One worker: a Celery main with `concurrency` page children."""

    name: str  # stands before "/" in `pages.owner`; unique among all hosts
    concurrency: int
    device: Literal["cpu", "gpu"] = "cpu"
    batch_id: int | None = None  # claim from this batch only
    engine: str = PageOptions().engine  # loaded at the start; others when a page asks for them

    def to_arguments(self) -> list[str]:
        """The command line for `python -m worker.main`."""
        arguments = [f"--name={self.name}", f"--concurrency={self.concurrency}"]
        arguments += [f"--device={self.device}", f"--engine={self.engine}"]
        if self.batch_id is not None:
            arguments.append(f"--batch-id={self.batch_id}")
        return arguments


def new_worker_name() -> str:
    """A name that no other worker (or submit) has: the host and something random.

    A process id would come back after a restart of the host or in another container.
    """
    host = socket.gethostname().replace("/", "-") or "host"
    return f"{host}:{secrets.token_hex(4)}"
