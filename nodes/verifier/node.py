"""Verifier: looks at a picture and answers the questions. A judge that fails judges nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from langchain_core.runnables import RunnableLambda
from langgraph.runtime import Runtime
from pydantic import BaseModel, BeforeValidator, Field

from ...errors import BackendError, Cost
from ...memory.state import Requirement, Verdict
from ...models.chat.mllm import Role
from ..context import RunContext
from ..dependencies import Dependencies
from ..node import RoleClient, Update, emit, make_node, spent_on

Judged = Literal["yes", "no", "cannot_tell"]


def read_verdict(said: object) -> object:
    """A verdict in a model's own words, by its first word; what is neither yes nor no is undecided."""
    words = re.findall(r"[a-z]+", str(said).lower())
    if not words:
        return said
    if words[0] in {"yes", "true", "pass", "passed"}:
        return "yes"
    return "no" if words[0] in {"no", "false", "fail", "failed"} else "cannot_tell"


class Judgement(BaseModel):
    """The verifier's answer to one question."""

    verdict: Annotated[Judged, BeforeValidator(read_verdict)]
    reason: str = Field("", description="what in the picture decides it, one short sentence")


class NumberedJudgement(Judgement):
    """The same, when several questions are asked at once."""

    number: int = Field(description="the number of the question, from 1")


class Judgements(BaseModel):
    """The verifier's answer to all questions."""

    verdicts: list[NumberedJudgement]


LOOK = (
    "You inspect a picture. Judge only what is visible, strictly and literally: a number must be "
    "exact, a text must be spelt exactly, a colour or place must be plainly so. Answer yes, or no, "
    "or cannot_tell when the picture does not let you decide, and say in one short sentence what "
    "you see that decides it."
)
VERIFIER = Role(name="verifier", instructions=LOOK, fields=("question",), answer=Judgement)
VERIFIER_ALL = Role(
    name="verifier_all",
    instructions=LOOK + " There are several numbered questions; judge each on its own.",
    fields=("questions",),
    answer=Judgements,
)


class VerifierTask(TypedDict):
    """What one verifier is sent: an attempt's picture and the questions about it."""

    round: int
    candidate: int
    image: str
    """Path of the picture, absolute."""
    requirements: list[Requirement]
    calls_left: int | None


def to_verdict(judgement: Judgement) -> Verdict:
    """The three-valued verdict: yes is pass, no is fail, anything else is not judged."""
    if judgement.verdict == "cannot_tell":
        return Verdict(value="not_judged", reason=judgement.reason)
    value: Literal["pass", "fail"] = "pass" if judgement.verdict == "yes" else "fail"
    return Verdict(value=value, reason=judgement.reason)


async def judge_one(client: RoleClient, task: VerifierTask) -> tuple[list[Verdict], Cost]:
    """One question, one call."""
    fields = {"question": task["requirements"][0]["question"]}
    reply = await client.ask(VERIFIER, fields, [Path(task["image"])])
    return [to_verdict(reply.answer)], reply.cost


async def judge_together(client: RoleClient, task: VerifierTask) -> tuple[list[Verdict], Cost]:
    """All questions in one call; a question the answer skips is not judged."""
    questions = [f"{n}. {r['question']}" for n, r in enumerate(task["requirements"], 1)]
    fields = {"questions": "\n".join(questions)}
    reply = await client.ask(VERIFIER_ALL, fields, [Path(task["image"])])
    by_number = {item.number: to_verdict(item) for item in reply.answer.verdicts}
    missing = Verdict(value="not_judged", reason="the verifier did not answer this question")
    return [by_number.get(n + 1, missing) for n in range(len(questions))], reply.cost


def make_verifier(deps: Dependencies) -> RunnableLambda[VerifierTask, Update]:
    """The node; the graph sends one task a question, or one with all of them."""

    async def verifier(task: VerifierTask, runtime: Runtime[RunContext]) -> Update:
        client = RoleClient(deps, runtime, task["calls_left"])
        judge = judge_one if len(task["requirements"]) == 1 else judge_together
        warnings: list[str] = []
        try:
            verdicts, cost = await judge(client, task)
        except BackendError as exc:
            cost = exc.cost
            warnings = [f"verifier: {exc}"]
            verdicts = [Verdict(value="not_judged", reason=str(exc))] * len(task["requirements"])
        update = {}
        for requirement, verdict in zip(task["requirements"], verdicts, strict=True):
            place = {"round": task["round"], "candidate": task["candidate"]}
            emit(runtime, "verdict", requirement=requirement["id"], **place, **verdict)
            update[f"{task['round']}.{task['candidate']}.{requirement['id']}"] = verdict
        return {"verdicts": update, "spent": spent_on(cost), "warnings": warnings}

    return make_node(deps, "verifier", verifier)
