from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from training.stop_signals import StopSignals


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_only_asks_and_a_second_one_ends(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), StopSignals() as stop:
        seen = [stop.is_asked]
        os.kill(os.getpid(), number)
        seen.append(stop.is_asked)
        assert seen == [False, True]
        os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_signals_mean_what_they_meant() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with StopSignals() as stop:
        pass
    assert not stop.is_asked
    assert signal.getsignal(signal.SIGTERM) == before
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with StopSignals() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert not stop.is_asked
