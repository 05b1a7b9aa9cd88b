"""What a claim is: a page held by lease and fence, and the guard of every change to it.

A process whose lease was taken away can change nothing any more: each statement names the page,
the fence of the claim and the state `leased`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from ocrq.types import PageOptions, PageState
from store.ready import literal_state
from store.schema import pages

#: How often the loss of its worker is forgiven to one page: the page itself may be the reason.
FORGIVEN_LOSSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRules:
    """How long claims hold and how often a page is tried (settings of the same names)."""

    lease_s: float
    deadline_s: float
    deadline_s_per_megapixel: float
    max_attempts: int
    max_kills: int
    max_deadlines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A page that this process may read until its lease ends, and all it needs to do so."""

    page_id: int
    fence: int
    attempt: int  # from 1
    deadline_at: datetime
    deadline_in_s: float
    path: bytes
    frame: int  # from 0
    sha256: str | None
    size_bytes: int
    mtime_ns: int
    batch_id: int
    document_id: int
    number: int  # of the page in its document, from 1
    options: PageOptions
    is_unseen: bool = False  # nobody could look into its file: the page stands for all it holds


def held(claim: Claim) -> ColumnElement[bool]:
    """The guard of every change: this page, still ours."""
    return is_held(claim.page_id, claim.fence)


def is_held(
    page_id: int | ColumnElement[int], fence: int | ColumnElement[int]
) -> ColumnElement[bool]:
    """The same, for a statement that is made once."""
    return (
        (pages.c.id == page_id)
        & (pages.c.fence == fence)
        & (pages.c.state == literal_state(PageState.LEASED))
    )


def held_by(owner: str) -> ColumnElement[bool]:
    """Pages that a child (NAME/PID) holds, or any child of a worker (NAME)."""
    is_theirs = (pages.c.owner == owner) | pages.c.owner.startswith(f"{owner}/", autoescape=True)
    return (pages.c.state == literal_state(PageState.LEASED)) & is_theirs


def held_by_task(task_id: str, owner: str | None) -> ColumnElement[bool]:
    """The page that a task holds; with an owner, only if that child or worker is at the task."""
    is_leased = pages.c.state == literal_state(PageState.LEASED)
    return (held_by(owner) if owner else is_leased) & (pages.c.task_id == task_id)


def given_up(has_reading: bool, state: PageState, error_code: str, error: str) -> dict[str, Any]:
    """The columns of a page that is tried no more.

    One that was to be read again keeps the reading that it has: it is done as before, with the
    reason why there is no newer one.
    """
    return freed(PageState.DONE if has_reading else state, error_code, error)


def freed(
    state: PageState, error_code: str | None = None, error: str | None = None
) -> dict[str, Any]:
    """The columns of a page that nobody holds any more."""
    return {
        "state": state.value,
        "owner": None,
        "task_id": None,
        "lease_until": None,
        "deadline_at": None,
        "not_before": None,
        "error_code": error_code,
        "error": error,
    }
