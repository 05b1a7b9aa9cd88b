"""Schedules and their runs as people and programs see them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from cli.display import count_of, format_table, show_path, show_seconds, show_text
from cli.time_zones import show_in_zone
from store.database import Database
from store.schedule_runs import ScheduleRun, ScheduleStatus, list_schedules
from store.schedules import RunState, Schedule, unattended_s

#: Workers look each five seconds; after this long there is none.
_SILENT_S = 60.0


def schedule_json(status: ScheduleStatus) -> dict[str, Any]:
    """The object that `--json` prints for a schedule; docs/cli.md lists its keys."""
    schedule, plan = status.schedule, status.schedule.plan
    return {
        "name": schedule.name,
        "cron": plan.cron,
        "time_zone": plan.time_zone,
        "paths": list(plan.paths),
        "window": str(plan.window) if plan.window else None,
        "grace_s": plan.grace_s,
        "priority": plan.priority,
        "recursive": plan.is_recursive,
        "on_duplicate": plan.on_duplicate,
        "options": json.loads(plan.options.to_json()),
        "created_at": schedule.created_at,
        "paused_at": schedule.paused_at,
        "next_at": None if schedule.paused_at else schedule.next_at,
        "last": run_json(status.last) if status.last else None,
    }


def run_json(run: ScheduleRun) -> dict[str, Any]:
    """The object that `--json` prints for a run."""
    return {
        "fire_at": run.fire_at,
        "kind": run.kind,
        "state": run.state,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "batch": run.batch,
        "intake": run.intake,
        "error": run.error,
    }


def schedule_table(found: Sequence[ScheduleStatus]) -> str:
    """One line a schedule."""
    header = ("schedule", "cron", "next run", "last run", "result")
    return format_table(header, [_row(status) for status in found])


def run_table(runs: Sequence[ScheduleRun], zone: str) -> str:
    """One line a run."""
    header = ("run for", "kind", "result")
    return format_table(
        header, [(show_in_zone(run.fire_at, zone), run.kind, run_result(run)) for run in runs]
    )


def run_result(run: ScheduleRun) -> str:
    """What became of a run, in a phrase."""
    batch = f" as {show_text(run.batch)}" if run.batch else ""
    match run.state:
        case RunState.FIRING:
            return "waits for its intake"
        case RunState.INTAKE:
            return f"the paths are looked through{batch}"
        case RunState.EMPTY:
            return "nothing new"
        case RunState.SUBMITTED:
            return f"{_taken(run)}{batch}"
        case RunState.MISSED:
            return f"missed: {show_text(run.error or '')}"
    return f"failed{batch}: {show_text(run.error or '')}"


def details(schedule: Schedule) -> str:
    """What a schedule does, in lines."""
    plan, name = schedule.plan, show_text(schedule.name)
    lines = [f"{name}: next run {show_in_zone(schedule.next_at, plan.time_zone)}"]
    lines += [f"{name}: takes {show_path(path)}" for path in plan.paths]
    if plan.window:
        lines.append(f"{name}: its pages are read within {plan.window}")
    return "\n".join(lines)


def next_runs(db: Database) -> str:
    """The schedules in a few lines for `ocrq status`; empty when there are none."""
    found = list_schedules(db)
    if not found:
        return ""
    rows = [
        (name, following, last, result) for name, _, following, last, result in map(_row, found)
    ]
    return format_table(("schedule", "next run", "last run", "result"), rows)


def warn_if_unattended(db: Database) -> None:
    """Say on stderr that nothing comes due while no worker runs."""
    silent_s = unattended_s(db)
    if silent_s is None or silent_s > _SILENT_S:
        since = "yet" if silent_s is None else f"for {show_seconds(silent_s)}"
        click.echo(
            f"No worker has looked for schedules {since}: they run only while `ocrq worker` does.",
            err=True,
        )


def _row(status: ScheduleStatus) -> tuple[str, str, str, str, str]:
    schedule, plan, last = status.schedule, status.schedule.plan, status.last
    is_paused = schedule.paused_at is not None
    return (
        show_text(schedule.name),
        f"{plan.cron} {plan.time_zone}",
        "paused" if is_paused else show_in_zone(schedule.next_at, plan.time_zone),
        show_in_zone(last.fire_at, plan.time_zone) if last else "-",
        run_result(last) if last else "-",
    )


def _taken(run: ScheduleRun) -> str:
    pages = count_of(run.intake.get("new_pages", 0), "page")
    duplicates = run.intake.get("duplicates", 0)
    return f"{pages}, {count_of(duplicates, 'duplicate')}" if duplicates else pages
