"""The judge that is a multimodal language model: it looks at a picture and answers questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from ...errors import BackendError, Cost
from ...settings import Settings
from ..capabilities import Closeable
from ..chat.lenient import Number, Words, usable
from ..chat.mllm import MLLM, Role
from .judge import Judgement, Requirement, Verdict, failed

INSTRUCTIONS = {role: Path(__file__).with_name(f"{role}.md") for role in ("verifier", "verifier_all")}
Said = Literal["yes", "no", "cannot_tell"]


def read_verdict(said: object) -> object:
    """A verdict in a model's own words, by its first word; what is neither yes nor no is undecided."""
    words = re.findall(r"[a-z]+", str(said).lower())
    if not words:
        return said
    if words[0] in {"yes", "true", "pass", "passed"}:
        return "yes"
    return "no" if words[0] in {"no", "false", "fail", "failed"} else "cannot_tell"


class Look(BaseModel):
    """The answer to one question."""

    verdict: Annotated[Said, BeforeValidator(read_verdict)]
    reason: Words = Field(default="", description="what in the picture decides it, one short sentence")

    def to_verdict(self) -> Verdict:
        """Yes is pass, no is fail, anything else is not judged."""
        if self.verdict == "cannot_tell":
            return Verdict(value="not_judged", reason=self.reason)
        return Verdict(value="pass" if self.verdict == "yes" else "fail", reason=self.reason)


class NumberedLook(Look):
    """The same, when several questions are asked at once."""

    number: Number = Field(description="the number of the question, from 1")


class Looks(BaseModel):
    """The answer to all questions; a verdict that cannot be read leaves its question unanswered."""

    verdicts: list[NumberedLook]

    @field_validator("verdicts", mode="before")
    @classmethod
    def _drop_unusable(cls, value: object) -> object:
        if not isinstance(value, list | dict):
            return value
        found = [look for look in usable(value, NumberedLook) if look is not None]
        if value and not found:
            raise ValueError("none of them has a number and a verdict")
        return found


@cache
def packaged_instructions(role: str) -> str:
    """What ``verifier`` or ``verifier_all`` is told when nobody changed it."""
    return INSTRUCTIONS[role].read_text("utf-8").strip()


def verifier_role(instructions: str) -> Role[Look]:
    """The role that is asked one question."""
    return Role("verifier", instructions, ("question",), Look)


def verifier_all_role(instructions: str) -> Role[Looks]:
    """The role that is asked all questions at once."""
    return Role("verifier_all", instructions, ("questions",), Looks)


UNANSWERED = Verdict(value="not_judged", reason="the verifier did not answer this question")
UNASKED = Verdict(value="not_judged", reason="was not asked: the call budget is used up")


class MLLMJudge:
    """Asks an MLLM; see ``Judge``.

    Args:
        mllm: the model that looks.
        instructions: by role, ``verifier`` for questions one by one and ``verifier_all`` for all in
            one call; what is left out is as packaged.
        together: all questions in one call, instead of a call a question.
    """

    kinds = None

    def __init__(
        self,
        mllm: MLLM,
        instructions: Mapping[str, str] = MappingProxyType({}),
        *,
        together: bool = False,
    ) -> None:
        self.name = f"mllm:{mllm.name}"
        self.at_once = None if together else 1
        self._mllm = mllm
        told = {role: instructions.get(role) or packaged_instructions(role) for role in INSTRUCTIONS}
        self._one = verifier_role(told["verifier"])
        self._all = verifier_all_role(told["verifier_all"])

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge``."""
        if self.at_once is None and len(requirements) > 1:
            return await self._judge_together(picture, requirements, max_requests)
        return await self._judge_in_turn(picture, requirements, max_requests)

    async def aclose(self) -> None:
        """Lets go of the model's connections."""
        if isinstance(self._mllm, Closeable):
            await self._mllm.aclose()

    async def _judge_in_turn(
        self, picture: Path, requirements: Sequence[Requirement], left: int | None
    ) -> Judgement:
        """A call a question, for as long as the budget lasts; one that fails leaves the others be, but
        where nobody could be reached the rest waits, too."""
        verdicts: list[Verdict] = []
        cost, failure = Cost(), None
        for requirement in requirements:
            if failure is not None and (lost := failed(failure)).get("pending"):
                verdicts.append(lost)
                continue
            if left is not None and left <= cost.requests and verdicts:
                verdicts.append(UNASKED)
                continue
            rest = None if left is None else max(1, left - cost.requests)
            fields = {"question": requirement["question"]}
            try:
                reply = await self._mllm.ask(self._one, fields, [picture], max_requests=rest)
            except BackendError as exc:
                failure = exc
                cost += exc.cost
                verdicts.append(failed(exc))
            else:
                cost += reply.cost
                verdicts.append(reply.answer.to_verdict())
        if failure is not None and all(v["value"] == "not_judged" for v in verdicts):
            failure.cost = cost
            raise failure
        return Judgement(verdicts, cost)

    async def _judge_together(
        self, picture: Path, requirements: Sequence[Requirement], max_requests: int | None
    ) -> Judgement:
        numbered = list(enumerate(requirements, 1))
        questions = [{"number": number, "question": item["question"]} for number, item in numbered]
        reply = await self._mllm.ask(
            self._all, {"questions": questions}, [picture], max_requests=max_requests
        )
        by_number = {look.number: look.to_verdict() for look in reply.answer.verdicts}
        return Judgement([by_number.get(number, UNANSWERED) for number, _ in numbered], reply.cost)


def open_judge(spec: str, settings: Settings) -> MLLMJudge:
    """The judge for ``mllm:SPEC``: another MLLM than the run's own, asked a call a question.

    Raises:
        InputError: there is no such MLLM.
    """
    from ..registry import open_mllm

    return MLLMJudge(open_mllm(spec.partition(":")[2], settings))
