"""Time zones of commands: the one that is given, or that of this machine; and times in a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ocrq.errors import UsageError
from store.schedule_times import time_zone
from store.windows import Window

_LOCAL = Path("/etc/localtime")


def chosen_window(hours: str | None, zone: str | None, env: Mapping[str, str]) -> Window | None:
    """What --window and --timezone say.

    Raises:
        UsageError: the hours or the zone cannot be understood, or there is a zone alone.
    """
    if hours is None:
        if zone is not None:
            raise UsageError("--timezone is for --window, which is missing")
        return None
    return Window.parse(hours, local_zone(env) if zone is None else zone)


def local_zone(env: Mapping[str, str], link: Path = _LOCAL) -> str:
    """The name of this machine's time zone; UTC when it does not tell.

    >>> local_zone({"TZ": ":Europe/Berlin"})
    'Europe/Berlin'
    """
    named = [env.get("TZ", "").removeprefix(":")]
    if link.is_symlink():
        named.append(str(link.resolve()).rpartition("zoneinfo/")[2])
    for name in filter(None, named):
        try:
            return time_zone(name).key
        except UsageError:
            continue
    return "UTC"


def show_in_zone(at: datetime, zone: str) -> str:
    """A moment as the clocks of a zone show it; in UTC when this host does not know the zone.

    >>> from datetime import UTC
    >>> show_in_zone(datetime(2026, 7, 1, 0, 30, tzinfo=UTC), "Europe/Berlin")
    '2026-07-01 02:30 CEST'
    """
    try:
        place = time_zone(zone)
    except UsageError:
        place = ZoneInfo("UTC")
    return f"{at.astimezone(place):%Y-%m-%d %H:%M %Z}"
