"""Loading TensorFlow without its greeting.

Its libraries write to file descriptor 2 while they are loaded, before they look at
TF_CPP_MIN_LOG_LEVEL. Only these lines are taken out; whatever else is said then is passed on.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

#: That the log is not set up yet, and what is noted (I) of the processor and of missing GPUs.
_GREETING = re.compile(
    rb"(WARNING: All log messages before absl::InitializeLog|I[0-9]{4} [0-9:.]+ +[0-9]+ "
    rb"(port|cudart_stub|cpu_feature_guard|cuda_\w+)\.cc:)"
)
_STDERR = 2


def load_tensorflow() -> None:
    """Import TensorFlow, unless this process has it already."""
    if "tensorflow" in sys.modules:
        return
    with without_greeting():
        importlib.import_module("tensorflow")


@contextmanager
def without_greeting() -> Iterator[None]:
    """A process of its own passes on the rest: of a library that aborts, too, it is the reason."""
    sys.stderr.flush()
    kept = os.dup(_STDERR)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "training.quiet_import"],
        stdin=subprocess.PIPE,
        stdout=kept,
        process_group=0,  # Ctrl-C is for us
    ) as rest:
        assert rest.stdin is not None
        os.dup2(rest.stdin.fileno(), _STDERR)
        rest.stdin.close()
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, _STDERR)
            os.close(kept)


def _pass_on(said: BinaryIO, rest: BinaryIO) -> None:
    for line in said:
        if not is_greeting(line):
            rest.write(line)
            rest.flush()


def is_greeting(line: bytes) -> bool:
    """Whether TensorFlow says so whenever it is loaded.

    >>> is_greeting(b"I0000 00:00:1796.26 27907 port.cc:153] oneDNN custom operations are on.")
    True
    >>> is_greeting(b"E0000 00:00:1796.26 27907 port.cc:153] this processor lacks AVX")
    False
    """
    return _GREETING.match(line) is not None


if __name__ == "__main__":
    _pass_on(sys.stdin.buffer, sys.stdout.buffer)
