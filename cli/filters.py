"""Words of filters that a person types: error codes, engines, patterns of paths.

A filter that names what does not exist is an error with the nearest names; it never silently
chooses nothing, or everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

import click

from cli.display import show_text
from ocrq.errors import UsageError
from store.near_names import near_names

#: No page is older; a longer time would not fit into a date.
_LONGEST_S = 100 * 366 * 86_400.0


def time_span(seconds: float) -> timedelta:
    """What `cli.duration.Duration` read, as far as a date can go back."""
    return timedelta(seconds=min(seconds, _LONGEST_S))


def check_names(
    what: str, given: Iterable[str], known: Collection[str], *, where: str = ""
) -> None:
    """Refuse names that are not known.

    Raises:
        UsageError: names the nearest ones.
    """
    for name in given:
        if name in known:
            continue
        names = [show_text(one) for one in sorted(known)]
        hint = near_names(name, names, listed=12) or "; there is none"
        raise UsageError(f"there is no {what} {name!r}{where}{hint}")


def document_filter(command: Any) -> Any:
    """The option `--document`, the same wherever pages are chosen."""
    return click.option(
        "--document",
        "documents",
        multiple=True,
        metavar="PATTERN",
        help="Only pages of files that fit this shell pattern (quote it): of the name, or of the "
        "whole path when it has a slash. May be given more than once.",
    )(command)


def page_filter(command: Any) -> Any:
    """The option `--page`, the same wherever pages are chosen."""
    return click.option(
        "--page",
        "page_ids",
        type=click.IntRange(1),
        multiple=True,
        metavar="PAGE",
        help="Only this page id; may be given more than once.",
    )(command)


def join_counts(counts: Sequence[tuple[str, int]]) -> str:
    """Counts by name on a line, the largest first.

    >>> join_counts([("deadline", 2), ("storage", 11)])
    '11 storage, 2 deadline'
    """
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number:,} {show_text(name)}" for name, number in ordered)
