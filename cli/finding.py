"""The answer of a check of `ocrq doctor`: a verdict, what was found and the cure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ocrq.config import Settings
from ocrq.errors import ExitCode


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"  # works, but something could be better or is only needed for some work
    FAILED = "failed"  # ocrq cannot do its work until it is mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer of one check."""

    check: str
    verdict: Verdict
    found: str
    cure: str | None = None
    exit_code: ExitCode = ExitCode.DONE  # what doctor returns because of it


Check = Callable[[Settings], Finding]


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check=check, verdict=Verdict.OK, found=found)


def note(check: str, found: str, cure: str) -> Finding:
    """Works, with a word of advice."""
    return Finding(check=check, verdict=Verdict.NOTE, found=found, cure=cure)


def failed(check: str, found: str, cure: str, exit_code: ExitCode) -> Finding:
    """Needed, and not working."""
    return Finding(check=check, verdict=Verdict.FAILED, found=found, cure=cure, exit_code=exit_code)
