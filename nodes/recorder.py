"""Recorder: once a round has been judged, keeps what the advice before it was worth."""

from __future__ import annotations

from langchain_core.runnables import RunnableLambda
from langgraph.runtime import Runtime

from ..errors import GemsError
from ..memory.experiences import Experience
from ..memory.ledger import best_of_round, last_round, passed_count, split
from ..memory.state import RunState
from .context import RunContext
from .node import Update, knobs, make_node, tell, thread_of
from .toolbox import Toolbox


def experience_of(state: RunState, number: int, generator: str, thread: str | None) -> Experience:
    """Round ``number``'s experience, with what the round after it gained."""
    before, after = best_of_round(state, number), best_of_round(state, number + 1)
    _, failed, _ = split(state, before)
    return Experience(
        text=state["experiences"][str(number)],
        prompt=state["prompt"],
        thread=thread or f"unnamed-{state['seed']}",
        round=number,
        skill=state["skill"] or "none",
        generator=generator,
        failed=tuple(requirement["statement"] for requirement, _ in failed),
        action=state["draft"]["action"],
        next_prompt=state["draft"]["prompt"],
        gained=passed_count(state, after) - passed_count(state, before),
    )


def make_recorder(tools: Toolbox) -> RunnableLambda[RunState, Update]:
    """The node; joins the verifiers of a round. Memory that fails is a warning, not the run's end."""

    async def recorder(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context, number = knobs(runtime), last_round(state)
        best = best_of_round(state, number)
        passed, total = passed_count(state, best), len(state["requirements"])
        tell(runtime, "judged", round=number, passed=passed, total=total)
        if not context.memory or str(number - 1) not in state["experiences"]:
            return {}
        name = tools.generator(context).name
        experience = experience_of(state, number - 1, name, thread_of(runtime))
        try:
            await tools.experiences.add(experience)
        except GemsError as exc:
            return {"warnings": [f"memory: {exc}"]}
        return {}

    return make_node(tools, "recorder", recorder)
