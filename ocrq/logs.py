"""Logging: one line for people on stderr, or one JSON object a line; page ids on every record."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from typing import Any, Literal

#: The page that this process is reading, so that every library's log line carries it.
current_page_id: ContextVar[int | None] = ContextVar("current_page_id", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"page_id", "message", "asctime"}


class _PageFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.page_id = current_page_id.get()
        return True


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        page_id = getattr(record, "page_id", None)
        if page_id is not None:
            entry["page_id"] = page_id
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        page_id = getattr(record, "page_id", None)
        where = f" [page {page_id}]" if page_id is not None else ""
        text = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower()}{where} "
        text += record.getMessage()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def set_up_logging(level: str, style: Literal["text", "json"] = "text") -> None:
    """Send all log records of this process to stderr; called once at a process edge."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_PageFilter())
    handler.setFormatter(_JsonFormatter() if style == "json" else _TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
