"""Verifier: has judges look at a picture. A judge that fails judges nothing; what one would have said
that could not be reached stays to be asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BackendError, UnreachableError
from ..events import VerdictGiven
from ..memory.state import Verdict
from ..models.judges.judge import Judgement, failed
from ..models.judges.router import JudgeRouter
from ..models.judges.votes import votes_of
from .context import RunContext
from .dependencies import Dependencies
from .judging import VerifierTask
from .node import Update, context_of, emit, make_node, spent_on, thread_of

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


async def judge_task(
    judge: JudgeRouter, task: VerifierTask, picture: Path
) -> tuple[Judgement, BackendError | None]:
    """What the judges say, and who could not be reached, if anybody; where all of them fail, everything
    is not judged."""
    requirements, error = task["requirements"], None
    try:
        judgement = await judge.judge(picture, requirements, max_requests=task["calls_left"])
    except BackendError as exc:
        judgement = Judgement([failed(exc)] * len(requirements), exc.cost, [str(exc)])
        error = exc
    lost = next((v["reason"] for v in judgement.verdicts if is_lost(v)), None)
    return judgement, None if lost is None else error or UnreachableError(lost)


def is_lost(verdict: Verdict) -> bool:
    """Whether a judge could not be reached; one that is not paid was not asked."""
    return bool(verdict.get("pending")) and verdict.get("cause") != "unasked"


def settled(judgement: Judgement) -> Judgement:
    """``judgement`` with nothing left to be asked: what could not be reached judges nothing."""
    verdicts = [verdict.copy() for verdict in judgement.verdicts]
    for verdict in verdicts:
        verdict.pop("pending", None)
    return replace(judgement, verdicts=verdicts)


def given(task: VerifierTask, requirement: str, verdict: Verdict) -> VerdictGiven:
    """The event that tells of a verdict."""
    return VerdictGiven(
        event="verdict",
        round=task["round"],
        candidate=task["candidate"],
        requirement=requirement,
        value=verdict["value"],
        reason=verdict["reason"],
    )


def told(task: VerifierTask, judgement: Judgement) -> list[VerdictGiven]:
    """The events of a judgement: a verdict that is new, or another one than before."""
    earlier: list[Verdict | None] = [*task.get("earlier", [])] or [None] * len(task["requirements"])
    return [
        given(task, requirement["id"], verdict)
        for requirement, verdict, before in zip(
            task["requirements"], judgement.verdicts, earlier, strict=True
        )
        if not verdict.get("pending") and (before is None or before["value"] != verdict["value"])
    ]


async def look_again(deps: Dependencies, task: VerifierTask, runtime: Runtime[RunContext]) -> Judgement:
    """What the verdicts so far come to after one more look."""
    picture = await asyncio.to_thread(deps.images.locate, task["image"])
    earlier = task.get("earlier", [])
    asked = list(zip(task["requirements"], earlier, strict=True))
    number = len(votes_of(earlier[0])) + 1
    router = deps.judge(context_of(runtime))
    return await router.look_again(picture, asked, number, max_requests=task["calls_left"])


def make_verifier(deps: Dependencies) -> RunnableLambda[VerifierTask, Update]:
    """The node; the graph sends it a task for every group of requirements.

    Where a judge could not be reached it notes that, and tasks of the same round that come after ask
    nobody: the recorder stops the run when those under way have their answers.
    """

    async def look(task: VerifierTask, runtime: Runtime[RunContext]) -> Judgement:
        thread = thread_of(runtime)
        if task.get("earlier"):
            return await look_again(deps, task, runtime)
        if (outage := deps.signals.outage(thread)) is not None:
            return Judgement([failed(outage)] * len(task["requirements"]))
        # Checkpoints outlive the folder they were written in.
        picture = await asyncio.to_thread(deps.images.locate, task["image"])
        judgement, outage = await judge_task(deps.judge(context_of(runtime)), task, picture)
        if outage is None:
            return judgement
        if thread is None:
            # A run without checkpoints cannot be gone on with: it ends with what could be judged.
            return settled(judgement)
        deps.signals.note_outage(thread, outage)
        return replace(judgement, problems=[p for p in judgement.problems if p != str(outage)])

    async def verifier(task: VerifierTask, runtime: Runtime[RunContext]) -> Update:
        judgement = await look(task, runtime)
        for event in told(task, judgement):
            emit(runtime, event)
        place = f"{task['round']}.{task['candidate']}"
        verdicts = zip(task["requirements"], judgement.verdicts, strict=True)
        return {
            "verdicts": {f"{place}.{item['id']}": verdict for item, verdict in verdicts},
            "spent": spent_on(judgement.cost),
            "warnings": [f"verifier: {problem}" for problem in judgement.problems],
        }

    return make_node(deps, "verifier", verifier)
