"""Several judges as one: each requirement goes to those that serve its kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import BackendError, Cost
from .judge import Judge, Judgement, Requirement, Verdict, failed

NOBODY = Verdict(value="not_judged", reason="no judge serves this kind of requirement")


class JudgeRouter:
    """Asks judges in order of preference; itself a ``Judge``.

    A requirement goes to the first judge that serves its kind. What that one leaves undecided, because
    it cannot tell or fails, goes to the next.
    """

    at_once = None

    def __init__(self, judges: Sequence[Judge]) -> None:
        self._judges = list(judges)
        self.name = ",".join(judge.name for judge in self._judges)

    @property
    def kinds(self) -> frozenset[str] | None:
        """All that any of them serves."""
        if any(judge.kinds is None for judge in self._judges):
            return None
        return frozenset[str]().union(*(judge.kinds or () for judge in self._judges))

    def groups(self, requirements: Sequence[Requirement]) -> list[list[Requirement]]:
        """``requirements`` as what is best asked in one call of ``judge``: those with the same first
        judge together, as many as it wants at once."""
        by_judge: dict[int, list[Requirement]] = {}
        for requirement in requirements:
            chain = self._serving(requirement)
            by_judge.setdefault(self._judges.index(chain[0]) if chain else -1, []).append(requirement)
        groups = []
        for index, members in by_judge.items():
            size = (self._judges[index].at_once if index >= 0 else None) or len(members)
            groups += [members[start : start + size] for start in range(0, len(members), size)]
        return sorted(groups, key=lambda group: requirements.index(group[0]))

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge``."""
        docket = Docket(requirements, max_requests)
        for judge in self._judges:
            open_items = [item for item in docket.undecided() if serves(judge, item)]
            if open_items and docket.may_ask:
                await docket.ask(judge, picture, open_items, named=len(self._judges) > 1)
        return docket.judgement()

    def _serving(self, requirement: Requirement) -> list[Judge]:
        return [judge for judge in self._judges if serves(judge, requirement)]


def serves(judge: Judge, requirement: Requirement) -> bool:
    """Whether ``judge`` judges requirements of this kind."""
    return judge.kinds is None or requirement["kind"] in judge.kinds


class Docket:
    """What has been decided of some requirements so far, by whom, and what it cost."""

    def __init__(self, requirements: Sequence[Requirement], max_requests: int | None) -> None:
        self._requirements = list(requirements)
        self._verdicts: dict[str, Verdict] = {}
        self._most = max_requests
        self._cost = Cost()
        self._failure: BackendError | None = None
        self._problems: list[str] = []

    @property
    def may_ask(self) -> bool:
        """Whether the budget allows a request; the first is always allowed."""
        return self._most is None or not self._cost.requests or self._cost.requests < self._most

    def undecided(self) -> list[Requirement]:
        """What nobody has passed or failed yet."""
        return [
            item
            for item in self._requirements
            if self._verdicts.get(item["id"], NOBODY)["value"] == "not_judged"
        ]

    async def ask(
        self, judge: Judge, picture: Path, requirements: Sequence[Requirement], *, named: bool
    ) -> None:
        """Takes what ``judge`` says; that it fails is remembered."""
        left = None if self._most is None else max(1, self._most - self._cost.requests)
        try:
            judgement = await judge.judge(picture, requirements, max_requests=left)
        except BackendError as exc:
            judgement = Judgement([failed(exc)] * len(requirements), exc.cost, [str(exc)])
            self._failure = exc
        self._cost += judgement.cost
        self._problems += judgement.problems
        for requirement, verdict in zip(requirements, judgement.verdicts, strict=True):
            said: Verdict = {**verdict, "judge": judge.name} if named else verdict
            before = self._verdicts.get(requirement["id"], NOBODY)
            # Who could not be reached may still decide what this one leaves open.
            if not (before.get("pending") and said["value"] == "not_judged"):
                self._verdicts[requirement["id"]] = said

    def judgement(self) -> Judgement:
        """Everything that was said.

        Raises:
            BackendError: a judge failed, and nobody decided anything.
        """
        if self._failure is not None and len(self.undecided()) == len(self._requirements):
            self._failure.cost = self._cost
            raise self._failure
        verdicts = [self._verdicts.get(item["id"], NOBODY) for item in self._requirements]
        return Judgement(verdicts, self._cost, self._problems)
