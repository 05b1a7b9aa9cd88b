"""Which faults there are, and a seeded plan of when each of them strikes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is done to a running ocrq."""

    KILL_CHILD = "SIGKILL page child"
    TERM_CHILD = "SIGTERM page child"
    STOP_CHILD = "SIGSTOP page child > lease"
    KILL_MAIN = "SIGKILL Celery main"
    TERM_MAIN = "SIGTERM Celery main"
    KILL_SUPERVISOR = "SIGKILL supervisor"
    TERM_SUPERVISOR = "SIGTERM supervisor"
    STOP_WORKER = "SIGSTOP whole worker > lease"
    REDIS_FLUSH = "Redis FLUSHALL"
    REDIS_RESTART = "Redis restart, nothing kept"
    REDIS_FREEZE = "Redis frozen"
    REDIS_CLOSED = "Redis port closed"
    REDIS_FREEZE_LONG = "Redis frozen 20 s"
    REDIS_CLOSED_LONG = "Redis port closed 20 s"
    POSTGRES_RESTART = "PostgreSQL killed and restarted"
    POSTGRES_TERMINATE = "pg_terminate_backend"
    COMMIT_LOST = "connection cut before a commit"
    COMMIT_UNANSWERED = "connection cut after a commit"
    DATABASE_FROZEN = "database line frozen > lease"
    DATABASE_CLOSED = "database port closed > lease"
    DISK_FULL = "disk full"
    STORAGE_AWAY = "folder of the scans away"
    SCAN_VANISHES = "scan vanishes"
    SCAN_CHANGES = "scan changes"
    HOST_CLOCK_JUMP = "host clock jumps"
    SERVER_CLOCK_JUMP = "database clock jumps"


#: How often each strikes, relative to the others.
_ANYWHERE = {
    Fault.KILL_CHILD: 40,
    Fault.TERM_CHILD: 10,
    Fault.STOP_CHILD: 3,
    Fault.KILL_MAIN: 8,
    Fault.TERM_MAIN: 3,
    Fault.KILL_SUPERVISOR: 3,
    Fault.TERM_SUPERVISOR: 2,
    Fault.STOP_WORKER: 3,
    Fault.DISK_FULL: 4,
    Fault.STORAGE_AWAY: 2,
    Fault.SCAN_VANISHES: 3,
    Fault.SCAN_CHANGES: 3,
    Fault.HOST_CLOCK_JUMP: 4,
}
_SERVERS = {
    Fault.REDIS_FLUSH: 8,
    Fault.REDIS_RESTART: 4,
    Fault.REDIS_FREEZE: 3,
    Fault.REDIS_CLOSED: 3,
    Fault.REDIS_FREEZE_LONG: 1,
    Fault.REDIS_CLOSED_LONG: 1,
    Fault.POSTGRES_RESTART: 3,
    Fault.POSTGRES_TERMINATE: 10,
    Fault.COMMIT_LOST: 8,
    Fault.COMMIT_UNANSWERED: 8,
    Fault.DATABASE_FROZEN: 2,
    Fault.DATABASE_CLOSED: 2,
    Fault.SERVER_CLOCK_JUMP: 2,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One fault of the plan."""

    fault: Fault
    pause_s: float  # before it
    amount: float  # 0..1, how much of it, where there is a choice


def plan(rng: random.Random, *, has_servers: bool) -> Iterator[Step]:
    """Faults without end; the same seed gives the same faults."""
    weights = _ANYWHERE | (_SERVERS if has_servers else {})
    kinds, chances = list(weights), list(weights.values())
    while True:
        # each kind once before chance decides, so that a short run has seen them all
        for fault in rng.sample(kinds, len(kinds)):
            yield Step(fault, rng.uniform(0.1, 0.8), rng.random())
        for _ in range(5 * len(kinds)):
            yield Step(rng.choices(kinds, chances)[0], rng.uniform(0.1, 0.8), rng.random())
