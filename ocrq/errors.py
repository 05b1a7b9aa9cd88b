"""Every error that ocrq raises on purpose, and the exit code that each one means.

A class docstring is the default message. A message says what happened, to which file or page,
and what to do next. docs/errors.md repeats this table for people.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What `ocrq` returns to the shell."""

    DONE = 0
    SOME_PAGES_FAILED = 1
    USAGE = 2
    INPUT = 65
    MODEL = 69
    INTERNAL = 70
    STORE = 74
    QUEUE = 75
    CONFIG = 78
    INTERRUPTED = 130


class OcrqError(Exception):
    """Something went wrong inside ocrq."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class UsageError(OcrqError):
    """A command was given something that it cannot use."""

    exit_code = ExitCode.USAGE


class NotFound(UsageError):
    """There is no such batch, page, line or character."""


class Outdated(UsageError):
    """What was seen has changed meanwhile; look again."""


class ConfigError(OcrqError):
    """A setting has a value that ocrq cannot use."""

    exit_code = ExitCode.CONFIG


class PageError(OcrqError):
    """This page can never be read; trying again gives the same answer.

    `code` is a short stable word for SQL (`pages.error_code`), the message a sentence for people.
    """

    exit_code = ExitCode.INPUT

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ModelError(OcrqError):
    """The trained weights are missing or are not the ones that were shipped."""

    exit_code = ExitCode.MODEL


class AnswerError(OcrqError):
    """An engine gave an answer that cannot be true; nothing of it is kept."""

    exit_code = ExitCode.MODEL


class StoreError(OcrqError):
    """The database refused."""

    exit_code = ExitCode.STORE


class StoreUnavailable(StoreError):
    """The database cannot be reached just now; the same call may work later."""


class StoreFull(StoreUnavailable):
    """The disk of the database is full; the same call works when there is room again."""


class StoreForbidden(StoreUnavailable):
    """This user lacks a right in the database; the same call works once it is granted."""


class StaleSchema(StoreError):
    """The database has another schema version than this ocrq; run `ocrq db upgrade`."""


class BrokerUnavailable(OcrqError):
    """The broker cannot be reached; work is safe in SQL and starts when it is back."""

    exit_code = ExitCode.QUEUE
