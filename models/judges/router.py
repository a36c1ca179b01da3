"""Several judges as one: each requirement goes to those that serve its kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from ...errors import AnswerError, BackendError, Cost, NotInWorldError
from .judge import (
    Judge,
    Judgement,
    LooksAgain,
    Requirement,
    Verdict,
    VerdictValue,
    cost_of,
    failed,
    with_cost,
)
from .votes import joined

NOBODY = Verdict(value="not_judged", reason="no judge serves this kind of requirement", cause="unasked")


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
        """The kinds that any of them serves; None: one of them serves every kind."""
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
        """See ``Judge``; the budget of requests is shared, the preferred judges asking first."""
        partial = PartialJudgement(requirements, max_requests)
        for judge in self._judges:
            open_items = [item for item in partial.undecided() if serves(judge, item)]
            if open_items and partial.may_ask:
                await partial.ask(judge, picture, open_items, named=len(self._judges) > 1)
        return partial.judgement()

    def may_differ(self, requirement: Requirement, verdict: Verdict) -> bool:
        """Whether who gave ``verdict`` might give another one, asked again."""
        return self._looks_again(requirement, verdict) is not None

    async def look_again(
        self,
        picture: Path,
        asked: Sequence[tuple[Requirement, Verdict]],
        look: int,
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """What the verdicts so far come to after the ``look``-th look (2, 3, ...), by who gave them. A
        judge that fails has looked in vain: its verdicts stand."""
        verdicts, cost, problems = [verdict for _, verdict in asked], Cost(), list[str]()
        for judge, places in self._by_giver(asked):
            wanted = [asked[place][0] for place in places]
            left = None if max_requests is None else max(1, max_requests - cost.requests)
            try:
                again = await judge.look_again(picture, wanted, look, max_requests=left)
            except (BackendError, NotInWorldError) as exc:
                again = Judgement([failed(exc)] * len(wanted), cost_of(exc), [str(exc)])
            cost += again.cost
            problems += again.problems
            for place, verdict in zip(places, again.verdicts, strict=True):
                verdicts[place] = joined(verdicts[place], verdict)
        return Judgement(verdicts, cost, problems)

    def _by_giver(
        self, asked: Sequence[tuple[Requirement, Verdict]]
    ) -> list[tuple[LooksAgain, list[int]]]:
        """The judges that gave verdicts, each with the places of its own."""
        found: list[tuple[LooksAgain, list[int]]] = []
        for place, (requirement, verdict) in enumerate(asked):
            judge = self._looks_again(requirement, verdict)
            known = next((places for other, places in found if other is judge), None)
            if known is not None:
                known.append(place)
            elif judge is not None:
                found.append((judge, [place]))
        return found

    def _looks_again(self, requirement: Requirement, verdict: Verdict) -> LooksAgain | None:
        """Who gave ``verdict``, if that is a judge that may say something else next time."""
        for judge in self._serving(requirement):
            if verdict.get("judge", judge.name) == judge.name:
                return judge if isinstance(judge, LooksAgain) and not judge.steady else None
        return None

    def _serving(self, requirement: Requirement) -> list[Judge]:
        return [judge for judge in self._judges if serves(judge, requirement)]


def serves(judge: Judge, requirement: Requirement) -> bool:
    """Whether ``judge`` judges requirements of this one's kind."""
    return judge.kinds is None or requirement["kind"] in judge.kinds


class PartialJudgement:
    """What has been decided of some requirements so far, by whom, and what it cost."""

    def __init__(self, requirements: Sequence[Requirement], max_requests: int | None) -> None:
        self._requirements = list(requirements)
        self._verdicts: dict[str, Verdict] = {}
        self._most = max_requests
        self._cost = Cost()
        self._failure: BackendError | NotInWorldError | None = None
        self._problems: list[str] = []

    @property
    def may_ask(self) -> bool:
        """Whether the budget allows a request; the first is always allowed."""
        return self._most is None or not self._cost.requests or self._cost.requests < self._most

    def undecided(self) -> list[Requirement]:
        """What no judge asked so far has passed or failed, in the order asked."""
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
            judgement = checked(
                await judge.judge(picture, requirements, max_requests=left), judge, requirements
            )
        except (BackendError, NotInWorldError) as exc:
            judgement = Judgement([failed(exc)] * len(requirements), cost_of(exc), [str(exc)])
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
            BackendError, NotInWorldError: a judge failed, and nobody decided anything.
        """
        if self._failure is not None and len(self.undecided()) == len(self._requirements):
            raise with_cost(self._failure, self._cost)
        verdicts = [self._verdicts.get(item["id"], NOBODY) for item in self._requirements]
        return Judgement(verdicts, self._cost, self._problems)


def checked(judgement: object, judge: Judge, requirements: Sequence[Requirement]) -> Judgement:
    """What a judge said, where it is what was asked for; judges come from other packages too.

    Raises:
        AnswerError: it is not.
    """
    if not isinstance(judgement, Judgement):
        raise AnswerError(f"the judge {judge.name} gave {judgement!r} instead of a Judgement")
    if len(judgement.verdicts) != len(requirements):
        raise AnswerError(
            f"the judge {judge.name} gave {len(judgement.verdicts)} verdicts on {len(requirements)} "
            "requirements"
        )
    for verdict in judgement.verdicts:
        sure = verdict.get("confidence", 0.0)
        if verdict.get("value") not in get_args(VerdictValue) or not 0.0 <= sure <= 1.0:
            raise AnswerError(f"the judge {judge.name} gave {verdict!r}, which is no verdict")
        verdict.setdefault("reason", "")
    return judgement
