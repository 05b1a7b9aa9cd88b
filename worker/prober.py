"""Looking into files through a child process that may hang or crash without harm to the submit."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

from ocrq.config import Settings
from ocrq.errors import OcrqError
from store.intake import NewDocument, NewPage
from worker.processes import signal_name
from worker.walk import FoundFile

#: Hashing reads the whole file; storage slower than this counts as hanging.
_SLOWEST_BYTES_PER_S = 10e6
#: Importing the decoders on a busy machine.
_START_S = 60.0
#: Waiting for a child that was killed.
_END_S = 5.0


class Prober:
    """A long-lived child that looks into one file after the other; replaced when it fails."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def probe(self, file: FoundFile, known_sha256: str | None) -> NewDocument:
        """Find out what a file holds.

        Args:
            file: as found by the walk.
            known_sha256: of this very path, size and mtime; None: the file is hashed.

        Returns:
            The document with at least one page; an unreadable file has page 1 with the reason.
        """
        if file.error_code is not None:
            return failed_document(file, file.error_code, file.error or file.error_code)
        child = self._running_child()
        request = {
            "path": os.fsdecode(file.path),
            "root": None if file.root is None else os.fsdecode(file.root),
            "hash": known_sha256 is None,
        }
        limit_s = self._limit_s(file)
        try:
            assert child.stdin is not None
            child.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            child.stdin.flush()
            reply = self._read_line(child, limit_s)
        except TimeoutError:
            self._kill()
            return failed_document(
                file,
                "probe_timeout",
                f"looking into the file took longer than {limit_s:.0f} s; raise OCRQ_PROBE_S",
            )
        except (BrokenPipeError, EOFError):
            ended = signal_name(self._kill())
            return failed_document(
                file, "probe_crashed", f"looking into the file ended the program for it ({ended})"
            )
        if known_sha256 is not None and not _is_as_found(file, reply):
            return self.probe(file, None)  # what is known is the hash of what it was
        return _document(file, reply, known_sha256)

    def longest_s(self, file: FoundFile) -> float:
        """The longest that `probe` takes for a file, the start of the child included, s."""
        return _START_S + self._limit_s(file) + _END_S

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._kill()

    def _limit_s(self, file: FoundFile) -> float:
        return self._settings.probe_s + file.size_bytes / _SLOWEST_BYTES_PER_S

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._kill()  # ended between two files: not this file's fault
        if self._child is None:
            self._child = self._start()
        return self._child

    def _start(self) -> subprocess.Popen[bytes]:
        settings = self._settings
        command = [sys.executable, "-P", "-m", "worker.probing", "--parent", str(os.getpid())]
        for name, value in (
            ("memory-mb", settings.probe_memory_mb),
            ("max-bytes", settings.max_bytes),
            ("max-pixels", settings.max_pixels),
            ("max-pages", settings.max_pages),
            ("pdf-dpi", settings.pdf_dpi),
        ):
            command += [f"--{name}", str(value)]
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders complain there about every odd file
            process_group=0,  # Ctrl-C is for the submit, which then ends this child
        )
        self._buffer = b""
        try:
            self._read_line(child, _START_S)
        except (EOFError, TimeoutError) as exc:
            child.kill()
            raise OcrqError(
                "the process that looks into files does not start; run `ocrq doctor`"
            ) from exc
        return child

    def _read_line(self, child: subprocess.Popen[bytes], limit_s: float) -> Any:
        assert child.stdout is not None
        fd = child.stdout.fileno()
        deadline = time.monotonic() + limit_s
        while b"\n" not in self._buffer:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([fd], [], [], left_s)[0]:
                raise TimeoutError
            block = os.read(fd, 1 << 16)
            if not block:
                raise EOFError
            self._buffer += block
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def _kill(self) -> int:
        child, self._child = self._child, None
        if child is None:
            return 0
        try:
            # One that fell ends by itself and tells how; one that hangs in the kernel never does.
            return child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            child.kill()
        finally:
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
        try:
            return child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return 0


def failed_document(file: FoundFile, code: str, sentence: str) -> NewDocument:
    """A file that can not be read: page 1 says why."""
    return NewDocument(
        path=file.path,
        size_bytes=file.size_bytes,
        mtime_ns=file.mtime_ns,
        media_type=None,
        sha256=None,
        pages=(NewPage(number=1, megapixels=None, error_code=code, error=sentence),),
        error_code=code,
        error=sentence,
    )


def _is_as_found(file: FoundFile, reply: dict[str, Any]) -> bool:
    found = (file.size_bytes, file.mtime_ns)
    return "error_code" in reply or (reply["size_bytes"], reply["mtime_ns"]) == found


def _document(file: FoundFile, reply: dict[str, Any], known_sha256: str | None) -> NewDocument:
    if "error_code" in reply:
        return failed_document(file, reply["error_code"], reply["error"])
    return NewDocument(
        path=file.path,
        size_bytes=reply["size_bytes"],
        mtime_ns=reply["mtime_ns"],
        media_type=reply["media_type"],
        sha256=known_sha256 or reply["sha256"],
        pages=tuple(
            NewPage(number=k, megapixels=megapixels, error_code=code, error=sentence)
            for k, (megapixels, code, sentence) in enumerate(reply["pages"], start=1)
        ),
        error_code=None,
        error=None,
    )
