"""Finish: names the outcome and lays out the result."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableLambda
from langgraph.runtime import Runtime

from ..memory.ledger import (
    best_attempt,
    best_of_round,
    last_round,
    outcome_of,
    passed_count,
    question_verdicts,
    seconds_busy,
)
from ..memory.state import RoundResult, RunState, Usage
from .context import RunContext
from .node import Update, knobs, make_node, tell, thread_of
from .toolbox import Toolbox


def round_result(state: RunState, number: int, tools: Toolbox) -> RoundResult:
    """One round by its best candidate."""
    attempt = best_of_round(state, number)
    return RoundResult(
        round=number,
        prompt=attempt["prompt"],
        seed=attempt["seed"],
        image=str(tools.images.path(attempt["image"])),
        verdicts=question_verdicts(state, attempt),
        experience=state["experiences"].get(str(number)),
    )


def lay_out(state: RunState, tools: Toolbox) -> dict[str, Any]:
    """What a run with at least one picture has to show for itself, finished or not."""
    best = best_attempt(state)
    return {
        "image": str(tools.images.path(best["image"])),
        "best_round": best["round"],
        "passed": passed_count(state, best),
        "total": len(state["requirements"]),
        "rounds": [round_result(state, n, tools) for n in range(1, last_round(state) + 1)],
        "usage": Usage(**state["spent"], seconds=round(seconds_busy(state), 3)),
    }


def make_finish(tools: Toolbox) -> RunnableLambda[RunState, Update]:
    """The last node."""

    async def finish(state: RunState, runtime: Runtime[RunContext]) -> Update:
        thread = thread_of(runtime)
        outcome = outcome_of(state, knobs(runtime), tools.stops.requested(thread)) or "budget"
        tools.stops.clear(thread)
        tell(runtime, "finished", outcome=outcome)
        return {"thread_id": thread, "outcome": outcome, **lay_out(state, tools)}

    return make_node(tools, "finish", finish)
