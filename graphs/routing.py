"""The conditional edges of the loop: what comes next, from the facts and the run's limits.

LangGraph reads the annotations of these methods, so this module imports it as a whole; it is itself
imported when a graph is built.
"""

from __future__ import annotations

from langgraph.runtime import Runtime
from langgraph.types import Send

from ..memory.ledger import last_round, must_ask_again, outcome_of, over_budget
from ..memory.older import completed
from ..memory.state import RunState
from ..nodes.context import RunContext
from ..nodes.dependencies import Dependencies
from ..nodes.node import context_of, thread_of
from ..nodes.verifier.tasks import verifier_tasks


class Router:
    """The conditional edges."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def _stopped(self, runtime: Runtime[RunContext]) -> bool:
        return self._deps.signals.stopping(thread_of(runtime))

    def after_generator(self, state: RunState, runtime: Runtime[RunContext]) -> list[Send] | str:
        """One verifier a question, side by side; straight to the end when nothing can be asked."""
        state = completed(state)
        drawn = last_round(state) == state["draft"]["round"]
        if not drawn or not state["requirements"]:
            return "finish"
        tasks = verifier_tasks(state, runtime, self._deps)
        return [Send("verifier", task) for task in tasks] or "finish"

    def after_recorder(self, state: RunState, runtime: Runtime[RunContext]) -> list[Send] | str:
        """On to the next round, unless the run is over; first back for what could not be asked."""
        state, context, stopped = completed(state), context_of(runtime), self._stopped(runtime)
        if must_ask_again(state, context, stopped):
            tasks = verifier_tasks(state, runtime, self._deps, again=True)
            return [Send("verifier", task) for task in tasks]
        over = outcome_of(state, context, stopped)
        return "compressor" if over is None else "finish"

    def after_compressor(self, state: RunState) -> str:
        """On to the refiner, unless the run cannot go on."""
        return "finish" if state.get("failure") else "refiner"

    def after_refiner(self, state: RunState, runtime: Runtime[RunContext]) -> str:
        """Draw, unless thinking used up the budget or the run was stopped meanwhile."""
        over = self._stopped(runtime) or over_budget(completed(state), context_of(runtime))
        return "finish" if over or state.get("failure") else "generator"
