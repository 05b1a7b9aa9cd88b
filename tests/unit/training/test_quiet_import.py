from __future__ import annotations

import os
import subprocess
import sys

import pytest

from training.quiet_import import without_greeting

_GREETING = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"I0000 00:00:1796097505.264607   27907 port.cc:153] oneDNN custom operations are on.\n"
    b"I0000 00:00:1796097505.264886   27907 cudart_stub.cc:31] Could not find cuda drivers\n"
)


def test_only_the_greeting_is_taken_out(capfd: pytest.CaptureFixture[str]) -> None:
    with without_greeting():
        os.write(2, b"one\n" + _GREETING + b"E0000 00:00:1.2 3 port.cc:1] trouble\n")
    os.write(2, _GREETING[:7])
    assert capfd.readouterr().err == "one\nE0000 00:00:1.2 3 port.cc:1] trouble\nWARNING"


def test_what_a_library_says_before_it_aborts_is_passed_on() -> None:
    code = (
        "import os; from training.quiet_import import without_greeting\n"
        "with without_greeting(): os.write(2, b'no such processor'); os.abort()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.stderr == b"no such processor"
