"""Verifier: has judges look at a picture. A judge that fails judges nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BackendError
from ...events import VerdictGiven
from ...memory.state import Verdict
from ...models.judges.judge import Judgement
from ...models.judges.router import JudgeRouter, failed
from ..context import RunContext
from ..dependencies import Dependencies
from ..node import Update, context_of, emit, make_node, spent_on
from .tasks import VerifierTask

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


async def judge_task(judge: JudgeRouter, task: VerifierTask, picture: Path) -> Judgement:
    """What the judges say; where all of them fail, everything is not judged."""
    requirements = task["requirements"]
    try:
        return await judge.judge(picture, requirements, max_requests=task["calls_left"])
    except BackendError as exc:
        return Judgement([failed(exc)] * len(requirements), exc.cost, [str(exc)])


def make_verifier(deps: Dependencies) -> RunnableLambda[VerifierTask, Update]:
    """The node; the graph sends it a task for every group of requirements."""

    async def verifier(task: VerifierTask, runtime: Runtime[RunContext]) -> Update:
        # Checkpoints outlive the folder they were written in.
        picture = await asyncio.to_thread(deps.images.locate, task["image"])
        judgement = await judge_task(deps.judge(context_of(runtime)), task, picture)
        verdicts: dict[str, Verdict] = {}
        for requirement, verdict in zip(task["requirements"], judgement.verdicts, strict=True):
            event = VerdictGiven(
                event="verdict",
                round=task["round"],
                candidate=task["candidate"],
                requirement=requirement["id"],
                value=verdict["value"],
                reason=verdict["reason"],
            )
            emit(runtime, event)
            verdicts[f"{task['round']}.{task['candidate']}.{requirement['id']}"] = verdict
        return {
            "verdicts": verdicts,
            "spent": spent_on(judgement.cost),
            "warnings": [f"verifier: {problem}" for problem in judgement.problems],
        }

    return make_node(deps, "verifier", verifier)
