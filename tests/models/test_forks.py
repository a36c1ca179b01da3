"""A fork waits for native code to come to a gap, and no longer than it may."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from gems.models import forks
from gems.models.forks import ForkGate


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def fork(gate: ForkGate) -> None:
    gate.before_fork()
    gate.after_fork()


class Inside:
    """A thread that is inside, and comes to a gap or out when it is told to."""

    def __init__(self, gate: ForkGate) -> None:
        self.gate = gate
        self.entered, self.go_on, self.finish = (threading.Event() for _ in range(3))
        self.thread = in_thread(self._work)
        assert self.entered.wait(30)

    def _work(self) -> None:
        with self.gate.held_off():
            self.entered.set()
            self.go_on.wait(30)
            self.gate.gap()
            self.finish.wait(30)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> ForkGate:
    monkeypatch.setattr(forks, "FORK_SECONDS", 60.0)
    return ForkGate()


def test_a_fork_happens_at_a_gap(gate: ForkGate) -> None:
    inside = Inside(gate)
    forking = in_thread(lambda: fork(gate))
    forking.join(0.1)
    assert forking.is_alive()
    inside.go_on.set()
    forking.join(30)
    assert not forking.is_alive()
    assert inside.thread.is_alive()
    inside.finish.set()


def test_nobody_goes_in_while_a_fork_waits(gate: ForkGate) -> None:
    inside = Inside(gate)
    forking = in_thread(lambda: fork(gate))
    while not gate._forks:
        pass
    late = []

    def enter() -> None:
        with gate.held_off():
            late.append(forking.is_alive())

    entering = in_thread(enter)
    entering.join(0.1)
    assert late == []
    inside.go_on.set()
    inside.finish.set()
    entering.join(30)
    assert len(late) == 1


def test_who_is_inside_may_fork_and_go_in_again(gate: ForkGate) -> None:
    with gate.held_off():
        fork(gate)
        with gate.held_off():
            fork(gate)
    fork(gate)


def test_a_fork_does_not_wait_for_ever(gate: ForkGate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "FORK_SECONDS", 0.01)
    inside = Inside(gate)
    fork(gate)
    inside.go_on.set()
    inside.finish.set()


def test_a_child_begins_with_nobody_inside(gate: ForkGate) -> None:
    with gate.held_off():
        gate.before_fork()
        gate.begin_anew()
        with gate.held_off():
            fork(gate)
    fork(gate)
