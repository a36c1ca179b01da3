"""Money that calls at work set aside, so that those beside them do not spend it too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Admitted:
    """A call that may be made: its kind, and what was set aside for it."""

    kind: str | None
    """None: its price was known beforehand."""
    aside: float


class Pot:
    """Money that is paid from by this process's calls at work.

    Attributes:
        at_work: how many calls are.
        aside: what they are taken to cost.
        settled: how many were; tells whether one was while what is left was being read.
    """

    def __init__(self) -> None:
        self.at_work = 0
        self.aside = 0.0
        self.settled = 0

    def has_room(self, left: float, more: float) -> bool:
        """Whether a call that is taken to cost ``more`` fits into what is ``left`` beside those
        that are at work; one alone does."""
        return not self.at_work or self.aside + more <= left

    def set_aside(self, money: float) -> None:
        """Notes that a call begins."""
        self.at_work += 1
        self.aside += money

    def settle(self, money: float) -> None:
        """Notes that a call has ended for which ``money`` was set aside."""
        self.at_work -= 1
        self.aside -= money
        self.settled += 1


class CallCosts:
    """What calls whose price shows with their answer have cost in this process, by kind: the model, and
    whether it is sent pictures. The first of a kind is made alone, as nothing says what it costs."""

    def __init__(self) -> None:
        self._dearest: dict[str, float] = {}
        self._first: set[str] = set()

    def expected(self, kind: str) -> float | None:
        """What a call may cost: as much as the dearest so far; None: the first is at work."""
        return None if kind in self._first else self._dearest.get(kind, 0.0)

    def begin(self, kind: str) -> None:
        """Notes that a call begins."""
        if kind not in self._dearest:
            self._first.add(kind)

    def end(self, kind: str, money: float) -> None:
        """Notes what a call came to; nothing: it failed, and says nothing of others."""
        self._first.discard(kind)
        if money:
            self._dearest[kind] = max(self._dearest.get(kind, 0.0), money)
