"""Who gives a command."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """The user's name on this machine, as reviewers are noted."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user without a name
        return "unknown"
