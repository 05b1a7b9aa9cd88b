"""`ocrq schedule`: scans that are submitted by themselves at set times."""

from __future__ import annotations

import os
import shlex
from typing import Any, cast

import click

from cli.app import App, pass_app
from cli.display import print_json, show_path, show_text
from cli.duration import UNITS, Duration
from cli.intake_options import page_options, schedule_options, window_options
from cli.schedule_display import (
    details,
    run_json,
    run_table,
    schedule_json,
    schedule_table,
    warn_if_unattended,
)
from cli.settings_database import open_database
from cli.time_zones import local_zone, show_in_zone
from ocrq.errors import UsageError
from pipeline.engines.registry import engine_info
from store.intake import OnDuplicate
from store.schedule_runs import ScheduleStatus, list_schedules, run_history, run_now
from store.schedule_times import check_cron
from store.schedules import (
    Plan,
    add_schedule,
    pause_schedule,
    remove_schedule,
    resolve_schedule,
    resume_schedule,
    schedules_named,
)
from store.windows import Window
from worker.scan_file import PathMap

_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group("schedule")
def command() -> None:
    """Submit scans by themselves at set times, such as each night.

    Workers look after it: each time that a schedule comes due, what is new or changed in its paths
    becomes a batch. Nothing happens while no `ocrq worker` runs.
    """


@command.command("add")
@click.argument("name")
@schedule_options
@click.option(
    "--cron",
    required=True,
    metavar="'MIN HOUR DAY MONTH WEEKDAY'",
    help="When, such as '30 2 * * *': each night at half past two.",
)
@window_options
@click.option(
    "--grace",
    "grace_s",
    type=Duration(),
    default="6h",
    show_default=True,
    metavar="TIME",
    help=f"A time that was missed is made up for within this long; units: {UNITS}.",
)
@_json
@pass_app
def add(
    app: App,
    /,
    name: str,
    paths: tuple[str, ...],
    cron: str,
    window: str | None,
    timezone: str | None,
    grace_s: float,
    as_json: bool,
    **values: Any,
) -> None:
    """Submit PATH... whenever the cron expression comes due.

    Each run takes the files that are new or changed since the runs before it, into a batch named
    NAME-20261120. With --window the pages wait for those hours.

    \b
    Example:  ocrq schedule add nightly --cron "30 2 * * *" --timezone Europe/Berlin \\
                  --window 02:00-06:00 /srv/scans
    """
    zone = local_zone(app.env) if timezone is None else timezone
    hours = Window.parse(window, zone) if window is not None else None
    check_cron(cron, zone)
    plan = Plan(
        cron=cron,
        time_zone=zone,
        paths=_absolute(paths, PathMap.parse(app.settings.path_map)),
        options=page_options(values),
        is_recursive=values["recursive"],
        on_duplicate=cast(OnDuplicate, values["on_duplicate"]),
        priority=values["priority"],
        window=hours,
        grace_s=grace_s,
    )
    engine_info(plan.options.engine)  # an engine that is not there is told now, not at night
    with open_database(app.settings, create=True) as db:
        made = add_schedule(db, name, plan)
        if as_json:
            print_json(schedule_json(ScheduleStatus(schedule=made, last=None)))
        else:
            click.echo(details(made))
        warn_if_unattended(db)


@command.command("list")
@_json
@pass_app
def list_all(app: App, as_json: bool) -> None:
    """Show the schedules, with their next and last runs.

    \b
    Example:  ocrq schedule list
    """
    with open_database(app.settings) as db:
        found = list_schedules(db)
        if as_json:
            print_json([schedule_json(status) for status in found])
        elif found:
            click.echo(schedule_table(found))
        else:
            click.echo("No schedule yet; to add one: ocrq schedule add NAME --cron '...' PATH")
        if found:
            warn_if_unattended(db)


@command.command("run")
@click.argument("name")
@_json
@pass_app
def run(app: App, name: str, as_json: bool) -> None:
    """Run a schedule now, beside its set times; also one that is paused.

    A worker takes in what is new within seconds. A window holds these pages too.

    \b
    Example:  ocrq schedule run nightly
    """
    with open_database(app.settings) as db:
        schedule = resolve_schedule(db, name)
        made = run_now(db, schedule)
        if as_json:
            print_json({"name": schedule.name, **run_json(made)})
        else:
            quoted = shlex.quote(schedule.name)
            click.echo(f"{show_text(schedule.name)}: a worker takes in what is new")
            click.echo(f"Look next: ocrq schedule history {quoted}", err=True)
        warn_if_unattended(db)


@command.command("pause")
@click.argument("name")
@_json
@pass_app
def pause(app: App, name: str, as_json: bool) -> None:
    """Let a schedule come due no more until it is resumed; what it submitted is read.

    \b
    Example:  ocrq schedule pause nightly
    """
    with open_database(app.settings) as db:
        schedule = resolve_schedule(db, name)
        changed = pause_schedule(db, schedule.id)
    if as_json:
        print_json({"name": schedule.name, "paused": True, "changed": changed})
    else:
        click.echo(f"{show_text(schedule.name)}: {'paused' if changed else 'was paused already'}")


@command.command("resume")
@click.argument("name")
@_json
@pass_app
def resume(app: App, name: str, as_json: bool) -> None:
    """Let a paused schedule come due again; times while it was paused are not made up for.

    \b
    Example:  ocrq schedule resume nightly
    """
    with open_database(app.settings) as db:
        schedule = resolve_schedule(db, name)
        changed = resume_schedule(db, schedule)
        current = changed or schedule
        if as_json:
            print_json(
                {
                    "name": schedule.name,
                    "paused": False,
                    "changed": changed is not None,
                    "next_at": current.next_at,
                }
            )
        else:
            what = "" if changed else "was not paused; "
            next_run = show_in_zone(current.next_at, current.plan.time_zone)
            click.echo(f"{show_text(schedule.name)}: {what}next run {next_run}")
        warn_if_unattended(db)


@command.command("remove")
@click.argument("name")
@_json
@pass_app
def remove(app: App, name: str, as_json: bool) -> None:
    """Remove a schedule; its batches stay.

    What it has taken in is forgotten: one that is added under the same name takes everything.

    \b
    Example:  ocrq schedule remove nightly
    """
    with open_database(app.settings) as db:
        schedule = resolve_schedule(db, name)
        remove_schedule(db, schedule.id)
    if as_json:
        print_json({"name": schedule.name, "removed": True})
    else:
        click.echo(f"{show_text(schedule.name)}: removed")


@command.command("history")
@click.argument("name")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="So many of the newest."
)
@_json
@pass_app
def history(app: App, name: str, limit: int, as_json: bool) -> None:
    """Show the runs of a schedule, newest first; also of one that was removed.

    \b
    Example:  ocrq schedule history nightly
    """
    with open_database(app.settings) as db:
        named = schedules_named(db, name)
        runs = run_history(db, [schedule.id for schedule in named], limit)
    newest = named[0]
    if as_json:
        print_json([run_json(found) for found in runs])
    elif runs:
        click.echo(run_table(runs, newest.plan.time_zone))
    elif newest.removed_at is not None:
        click.echo(f"{show_text(name)}: removed; it never ran")
    else:
        next_run = show_in_zone(newest.next_at, newest.plan.time_zone)
        click.echo(f"{show_text(name)}: no run yet; the first is due {next_run}")


def _absolute(paths: tuple[str, ...], path_map: PathMap) -> tuple[bytes, ...]:
    """As the workers are to know them; here they may be mounted elsewhere."""
    found = tuple(dict.fromkeys(os.path.abspath(os.fsencode(path)) for path in paths))  # noqa: PTH100
    for path in found:
        if not os.path.lexists(path_map.apply(path)):
            raise UsageError(f"{show_path(path)} does not exist")
    return found
