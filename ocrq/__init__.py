"""ocrq: a queue that reads scans and puts every character, with its confidence, into SQL."""

from __future__ import annotations

__version__ = "0.1.0"
