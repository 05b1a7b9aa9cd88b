from __future__ import annotations

from store.clock import Clock


def make_clock() -> Clock:
    return Clock(wall=lambda: 1000.0, monotonic=lambda: 50.0)


def test_time_that_passes_is_seen_by_both_clocks() -> None:
    clock = make_clock()
    clock.advance(10.0)
    assert clock.now().timestamp() == 1010.0
    assert clock.monotonic() == 60.0
    assert clock.is_settled(lease_s=30.0)


def test_a_slept_host_judges_no_lease_for_one_lease() -> None:
    clock = make_clock()
    assert clock.is_settled(lease_s=30.0)
    clock.jump(3600.0)
    assert not clock.is_settled(lease_s=30.0)
    clock.advance(29.0)
    assert not clock.is_settled(lease_s=30.0)
    clock.advance(2.0)
    assert clock.is_settled(lease_s=30.0)


def test_a_clock_set_back_is_a_jump_too_and_a_small_step_is_none() -> None:
    clock = make_clock()
    assert clock.is_settled(lease_s=30.0)
    clock.jump(-14.0)
    assert clock.is_settled(lease_s=30.0)
    clock.jump(-16.0)
    assert not clock.is_settled(lease_s=30.0)
