"""The end of a message about a name that does not exist: the near ones, or some that there are."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def near_names(
    wanted: str,
    names: Sequence[str],
    *,
    total: int | None = None,
    listed: int = 3,
    cutoff: float = 0.5,
) -> str:
    """What to name instead.

    A list that is not whole says so with the count, lest it is read as all that there is.

    Args:
        wanted: the name that does not exist.
        names: those that it is compared with; empty for none.
        total: how many there are in truth; None: `names` are all.
        listed: so many are named when none is near.
        cutoff: how near, 0..1.

    >>> near_names("lettres", ["letters", "maps"])
    '; did you mean letters?'
    >>> near_names("x", ["letters", "maps"])
    '; there are letters, maps'
    >>> near_names("x", ["letters", "maps"], total=1200, listed=1)
    '; there are 1,200, such as letters'
    >>> near_names("x", ["letters"])
    '; there is letters'
    """
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=cutoff)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    some = list(names[:listed])
    if not some:
        return ""
    count = len(names) if total is None else total
    if count > len(some):
        return f"; there are {count:,}, such as {', '.join(some)}"
    return f"; there {'is' if count == 1 else 'are'} {', '.join(some)}"
