"""Finish: names the outcome and lays out the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..events import RunFinished
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
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, thread_of

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


def round_result(state: RunState, number: int, deps: Dependencies) -> RoundResult:
    """One round by its best candidate."""
    attempt = best_of_round(state, number)
    return RoundResult(
        round=number,
        prompt=attempt["prompt"],
        seed=attempt["seed"],
        image=str(deps.images.path(attempt["image"])),
        verdicts=question_verdicts(state, attempt),
        experience=state["experiences"].get(str(number)),
    )


def summarize(state: RunState, deps: Dependencies) -> dict[str, Any]:
    """What a run with at least one picture has to show for itself, finished or not."""
    best = best_attempt(state)
    return {
        "image": str(deps.images.path(best["image"])),
        "best_round": best["round"],
        "passed": passed_count(state, best),
        "total": len(state["requirements"]),
        "rounds": [round_result(state, n, deps) for n in range(1, last_round(state) + 1)],
        "usage": Usage(**state["spent"], seconds=round(seconds_busy(state), 3)),
    }


def make_finish(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The last node."""

    async def finish(state: RunState, runtime: Runtime[RunContext]) -> Update:
        thread = thread_of(runtime)
        outcome = outcome_of(state, context_of(runtime), deps.signals.stopping(thread)) or "budget"
        # A thread that is used again may have failed before.
        told = {"reason": state.get("failure", "")} if outcome == "failed" or "reason" in state else {}
        deps.signals.clear(thread)
        emit(runtime, RunFinished(event="finished", outcome=outcome))
        return {"thread_id": thread or "", "outcome": outcome, **told, **summarize(state, deps)}

    return make_node(deps, "finish", finish)
