"""Errors of a file that are found in more than one place; all codes are in docs/page-errors.md."""

from __future__ import annotations

from ocrq.errors import PageError


def unreadable(what: str, why: object = "") -> PageError:
    """The error for bytes that no decoder understands."""
    reason = f" ({why})" if str(why) else ""
    return PageError("unreadable", f"{what} is damaged{reason}; scan or copy it again")


def truncated(what: str) -> PageError:
    """The error for a file whose end is missing."""
    return PageError("truncated", f"{what} ends too early, a part is missing; copy it again")


def encrypted(what: str) -> PageError:
    """The error for a file that is locked."""
    return PageError(
        "encrypted", f"{what} wants a password; save it without one and submit it again"
    )


def no_page(what: str, number: int) -> PageError:
    """The error for a page (from 1) that the file does not have."""
    return PageError(
        "no_page", f"{what} has no page {number}; if the file was changed, submit it again"
    )
