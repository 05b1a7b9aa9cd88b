"""The process that looks into files for a submit: `python -m worker.probing`.

Decoders of hostile files may hang, crash or fill the memory; here they take only this process
with them. One JSON request a line on stdin, one JSON answer a line on stdout.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from ocrq.errors import PageError
from pipeline.limits import Limits
from pipeline.probe import probe_file
from worker.memory import limit_growth
from worker.processes import die_with_parent

#: Storage may stutter; a submit waits this long for it, file by file.
_STORAGE_TRIES = 3
_STORAGE_PAUSE_S = 0.3


def answer(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Look into one file.

    Args:
        request: `path` and `root` (surrogate escapes allowed, root may be null), `hash`: whether
            the sha256 is wanted.
        limits: bounds on the file.

    Returns:
        `media_type`, `pages` as [megapixels, error_code, error], `sha256` or null (not wanted, or
        the file changed meanwhile), `size_bytes`, `mtime_ns`; or `error_code` and `error`.
    """
    for tries_left in reversed(range(_STORAGE_TRIES)):
        try:
            return _look(request, limits)
        except PageError as exc:
            return {"error_code": exc.code, "error": str(exc)}
        except MemoryError:
            return {
                "error_code": "probe_memory",
                "error": "looking into the file took too much memory; raise OCRQ_PROBE_MEMORY_MB",
            }
        except OSError as exc:
            if not tries_left:
                return {
                    "error_code": "storage_error",
                    "error": f"the storage could not deliver the file ({exc.strerror or exc});"
                    " submit it again",
                }
            time.sleep(_STORAGE_PAUSE_S)
    raise AssertionError("unreachable")


def _look(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    path = request["path"]
    found = probe_file(path, limits, root=request["root"])
    digest = sha256_of(path, found.size_bytes, found.mtime_ns) if request["hash"] else None
    return {
        "media_type": str(found.media_type),
        "pages": [[page.megapixels, page.error_code, page.error] for page in found.pages],
        "sha256": digest,
        "size_bytes": found.size_bytes,
        "mtime_ns": found.mtime_ns,
    }


def sha256_of(path: str, size_bytes: int, mtime_ns: int) -> str | None:
    """The hash of a file of this size and time; None: it is another one by now.

    Its pages then fail as `changed` unless it is submitted again, as what else is known is of
    the file that it was.
    """
    with Path(path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        hashed = os.fstat(file.fileno())
    return digest if (hashed.st_size, hashed.st_mtime_ns) == (size_bytes, mtime_ns) else None


def serve(requests: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        reply = answer(json.loads(line), limits)
        answers.write(json.dumps(reply).encode("ascii") + b"\n")
        answers.flush()


def main() -> None:
    """Entry of the process; the prober passes its bounds as arguments."""
    parser = argparse.ArgumentParser()
    for name in ("parent", "memory-mb", "max-bytes", "max-pixels", "max-pages", "pdf-dpi"):
        parser.add_argument(f"--{name}", type=int, required=True)
    args = parser.parse_args()
    die_with_parent(args.parent)
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_growth(args.memory_mb)
    limits = Limits(
        max_bytes=args.max_bytes,
        max_pixels=args.max_pixels,
        max_pages=args.max_pages,
        pdf_dpi=args.pdf_dpi,
    )
    answers.write(b'"ready"\n')
    answers.flush()
    serve(sys.stdin.buffer, answers, limits)


if __name__ == "__main__":
    main()
