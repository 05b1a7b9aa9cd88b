"""Processor time that a database connection costs: its own process on PostgreSQL, ours on SQLite.

Wall time says little on a machine that others use; the time on a processor says what a step costs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from store.database import Database

_OWN_BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND application_name = 'ocrq'"
)


@dataclass(slots=True)
class Meter:
    """Adds up what repeated steps cost on one database."""

    db: Database
    wall_ms: list[float] = field(default_factory=list)
    server_ms: float = 0.0
    client_ms: float = 0.0
    _pids: list[int] = field(default_factory=list)

    def measure(self, step: Callable[[], object], times: int = 1) -> None:
        """Take the step so many times."""
        self._pids = self._pids or server_processes(self.db)
        server_s, client_s = cpu_s(self._pids), time.process_time()
        for _ in range(times):
            started_s = time.perf_counter()
            step()
            self.wall_ms.append(1000 * (time.perf_counter() - started_s))
        self.client_ms += 1000 * (time.process_time() - client_s)
        self.server_ms += 1000 * (cpu_s(self._pids) - server_s)

    @property
    def median_ms(self) -> float:
        """Wall time of a step."""
        return statistics.median(self.wall_ms)

    @property
    def quick_ms(self) -> float:
        """Wall time that one step in ten stays below: those that nothing else held up."""
        return self._quantile(0.1)

    @property
    def slow_ms(self) -> float:
        """Wall time that 95 of 100 steps stay below."""
        return self._quantile(0.95)

    def _quantile(self, share: float) -> float:
        return sorted(self.wall_ms)[int(share * (len(self.wall_ms) - 1))]

    @property
    def cpu_ms(self) -> float:
        """Processor time of a step, of this process and of the server's."""
        return (self.server_ms + self.client_ms) / len(self.wall_ms)

    @property
    def database_ms(self) -> float:
        """Processor time of a step in the database; SQLite works in this process."""
        spent_ms = self.server_ms if self.db.dialect == "postgresql" else self.client_ms
        return spent_ms / len(self.wall_ms)


def server_processes(db: Database) -> list[int]:
    """The server's processes for our connections; none on SQLite. They must be on this machine."""
    if db.dialect != "postgresql":
        return []
    with db.read() as conn:
        return list(conn.execute(text(_OWN_BACKENDS)).scalars())


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds that processes have run; the kernel counts them in nanoseconds."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9
