"""The judge that is a multimodal language model: it looks at a picture and answers questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...errors import AnswerError, BackendError, Cost, DeclinedError, NotInWorldError
from ..capabilities import Closeable, is_steady
from ..chat.mllm import MLLM, AnswerT, Role
from .certainty import certainties
from .judge import Judgement, Requirement, Verdict, cost_of, failed, with_cost
from .looks import Look as Look
from .looks import Looks as Looks
from .looks import NumberedLook as NumberedLook
from .looks import verdict_of
from .votes import LOOKS, is_open, joined, votes_of

INSTRUCTIONS = {role: Path(__file__).with_name(f"{role}.md") for role in ("verifier", "verifier_all")}


@cache
def packaged_instructions(role: str) -> str:
    """What ``verifier`` or ``verifier_all`` is told when nobody changed it."""
    return INSTRUCTIONS[role].read_text("utf-8").strip()


def verifier_role(instructions: str) -> Role[Look]:
    """The role that is asked one question; its answer is a ``Look``."""
    return Role("verifier", instructions, ("question",), Look, weighs=True)


def verifier_all_role(instructions: str) -> Role[Looks]:
    """The role that is asked all questions at once, by number; its answer is ``Looks``."""
    return Role("verifier_all", instructions, ("questions",), Looks, weighs=True)


def informed(
    role: Role[AnswerT], fields: dict[str, Any], requirements: Sequence[Requirement]
) -> tuple[Role[AnswerT], dict[str, Any]]:
    """``role`` and its ``fields`` with a section of what was looked up, where there is something."""
    lines = [line for requirement in requirements for line in requirement.get("knowledge", [])]
    if not lines:
        return role, fields
    with_it = replace(role, fields=(*role.fields, "knowledge"))
    return with_it, {**fields, "knowledge": list(dict.fromkeys(lines))}


UNANSWERED = Verdict(
    value="not_judged",
    reason="the verifier did not answer this question",
    cause="unclear",
    votes=["not_judged", "not_judged"],
)
"""It was asked twice by then."""
UNASKED = Verdict(
    value="not_judged", reason="was not asked: the call budget is used up", cause="unasked"
)


class MLLMJudge:
    """Asks an MLLM; see ``Judge`` and ``LooksAgain``.

    Args:
        mllm: the model that looks.
        instructions: by role, ``verifier`` for questions one by one and ``verifier_all`` for all in
            one call; what is left out is as packaged.
        together: all questions in one call, instead of a call a question.
        votes: every question in two looks, in a third where they differ; the majority counts.
        unable: the names of models that could not answer several questions in one call and are asked
            one by one; this one is added where that shows.
    """

    kinds = None

    def __init__(
        self,
        mllm: MLLM,
        instructions: Mapping[str, str] = MappingProxyType({}),
        *,
        together: bool = False,
        votes: bool = False,
        unable: set[str] | None = None,
    ) -> None:
        self.name = f"mllm:{mllm.name}"
        self._together = together or votes
        self._votes = votes
        self._unable = set[str]() if unable is None else unable
        self._mllm = mllm
        by_role = {role: instructions.get(role) or packaged_instructions(role) for role in INSTRUCTIONS}
        self._one = verifier_role(by_role["verifier"])
        self._all = verifier_all_role(by_role["verifier_all"])

    @property
    def at_once(self) -> int | None:
        """See ``Judge``."""
        return None if self._together and self._mllm.name not in self._unable else 1

    @property
    def steady(self) -> bool:
        """See ``LooksAgain``; as the model is."""
        return is_steady(self._mllm)

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge``; at least one question is asked, whatever the budget."""
        budget = Budget(max_requests)
        if self.at_once is None and len(requirements) > 1:
            judgement = await self._judge_together(picture, requirements, budget)
        else:
            judgement = await self._judge_in_turn(picture, requirements, budget)
        if self._votes and not self.steady:
            judgement = await self._vote(picture, requirements, judgement, budget)
        return judgement

    async def look_again(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        look: int,
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``LooksAgain``. Asks in another way each time, so that also a model that answers equal
        requests alike looks afresh: in one call, the last question first, and one by one."""
        budget = Budget(max_requests)
        if look % 2 or self._mllm.name in self._unable:
            return await self._judge_in_turn(picture, requirements, budget)
        backwards = await self._judge_together(picture, [*reversed(requirements)], budget)
        return Judgement([*reversed(backwards.verdicts)], backwards.cost)

    async def aclose(self) -> None:
        """Closes the model, where it holds connections; it can be used again."""
        if isinstance(self._mllm, Closeable):
            await self._mllm.aclose()

    async def _vote(
        self, picture: Path, requirements: Sequence[Requirement], first: Judgement, budget: Budget
    ) -> Judgement:
        """``first`` with further looks at what they are worth it for; one that fails is none."""
        verdicts, cost = list(first.verdicts), first.cost
        for look in range(2, LOOKS + 1):
            wanted = [n for n, v in enumerate(verdicts) if len(votes_of(v)) == look - 1 and is_open(v)]
            if not wanted or budget.spent(cost):
                break
            asked = [requirements[n] for n in wanted]
            try:
                again = await self.look_again(picture, asked, look, max_requests=budget.left(cost))
            except BackendError as exc:
                cost += exc.cost
                break
            cost += again.cost
            for n, verdict in zip(wanted, again.verdicts, strict=True):
                verdicts[n] = joined(verdicts[n], verdict)
        return Judgement(verdicts, cost)

    async def _judge_in_turn(
        self, picture: Path, requirements: Sequence[Requirement], budget: Budget
    ) -> Judgement:
        """A call a question, for as long as the budget lasts; one that fails leaves the others be, but
        where nobody could be reached the rest waits, too."""
        verdicts: list[Verdict] = []
        cost, failure = Cost(), None
        for requirement in requirements:
            if failure is not None and (lost := failed(failure)).get("pending"):
                verdicts.append(lost)
                continue
            if budget.spent(cost) and verdicts:
                verdicts.append(UNASKED)
                continue
            role, fields = informed(self._one, {"question": requirement["question"]}, [requirement])
            try:
                reply = await self._mllm.ask(role, fields, [picture], max_requests=budget.left(cost))
            except (BackendError, NotInWorldError) as exc:
                failure = exc
                cost += cost_of(exc)
                verdicts.append(failed(exc))
            else:
                cost += reply.cost
                [sure] = certainties(reply.tokens, 1)
                verdicts.append(verdict_of(reply.answer, requirement, sure))
        if failure is not None and all(v["value"] == "not_judged" for v in verdicts):
            raise with_cost(failure, cost)
        return Judgement(verdicts, cost)

    async def _judge_together(
        self, picture: Path, requirements: Sequence[Requirement], budget: Budget
    ) -> Judgement:
        """One call; another one for what its answer passes over. Where there is none they are asked
        one by one: the model cannot answer several at once, or one of them stands in the way."""
        numbered = dict(enumerate(requirements, 1))
        try:
            found, cost = await self._ask_about(picture, numbered, budget.left(Cost()))
        except (AnswerError, DeclinedError, NotInWorldError) as exc:
            if budget.spent(cost_of(exc)):
                raise
            alone = await self._judge_alone(picture, requirements, budget, cost_of(exc))
            if isinstance(exc, AnswerError) and len(requirements) > 1:
                self._unable.add(self._mllm.name)
            return alone
        missing = {number: item for number, item in numbered.items() if number not in found}
        if missing and not budget.spent(cost):
            try:
                more, spent = await self._ask_about(picture, missing, budget.left(cost))
            except BackendError as exc:
                more, spent = {}, exc.cost
            found, cost = {**more, **found}, cost + spent
        return Judgement([found.get(number, UNANSWERED) for number in numbered], cost)

    async def _judge_alone(
        self, picture: Path, requirements: Sequence[Requirement], budget: Budget, paid: Cost
    ) -> Judgement:
        """One by one, after ``paid`` for an answer to all of them that could not be read."""
        try:
            alone = await self._judge_in_turn(picture, requirements, Budget(budget.left(paid)))
        except (BackendError, NotInWorldError) as exc:
            with_cost(exc, paid + cost_of(exc))
            raise
        return Judgement(alone.verdicts, paid + alone.cost)

    async def _ask_about(
        self, picture: Path, numbered: Mapping[int, Requirement], most: int | None
    ) -> tuple[dict[int, Verdict], Cost]:
        """What one answer says of the questions, by their numbers."""
        questions = [
            {"number": number, "question": item["question"]} for number, item in numbered.items()
        ]
        role, fields = informed(self._all, {"questions": questions}, [*numbered.values()])
        reply = await self._mllm.ask(role, fields, [picture], max_requests=most)
        looks = reply.answer.verdicts
        said = {
            look.number: verdict_of(look, numbered[look.number], sure)
            for look, sure in zip(looks, certainties(reply.tokens, len(looks)), strict=True)
            if look.number in numbered
        }
        return said, reply.cost


class Budget:
    """How many requests a judgement may make; None: as many as it takes."""

    def __init__(self, most: int | None) -> None:
        self._most = most

    def left(self, cost: Cost) -> int | None:
        """What is left after ``cost``, at least 1."""
        return None if self._most is None else max(1, self._most - cost.requests)

    def spent(self, cost: Cost) -> bool:
        """Whether nothing is left after ``cost``."""
        return self._most is not None and self._most <= cost.requests
