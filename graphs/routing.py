"""The conditional edges of the loop: what comes next, from the facts and the run's limits.

They read the state alone, the limits that the thread was given included, so that LangGraph can follow
them also where somebody edits the state and nothing runs.

A node that works beside others has none: when one of those fails, LangGraph may keep what such a node
wrote without where it leads, and the resumed run ends in the middle.

LangGraph reads the annotations of these methods, so this module imports it as a whole; it is itself
imported when a graph is built.
"""

from __future__ import annotations

from langchain_core.runnables import RunnableConfig
from langgraph.types import Send

from ..memory.ending import outcome_of
from ..memory.ledger import last_round, over_budget
from ..memory.older import completed
from ..memory.reviews import has_next, latest_review, wants_review
from ..memory.state import RunState
from ..nodes.context import RunContext, context_from
from ..nodes.dependencies import Dependencies
from ..nodes.judging import first_tasks, further_tasks


class Router:
    """The conditional edges: a method an edge, which returns the next node's name or tasks to send."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def _limits(self, state: RunState) -> RunContext:
        """The options of a run, as its nodes have left them in the state."""
        return self._deps.policy.bound(context_from({}, state["knobs"]))

    def _stopped(self, config: RunnableConfig) -> bool:
        return self._deps.signals.stopping((config.get("configurable") or {}).get("thread_id"))

    def after_intake(self, state: RunState) -> list[str]:
        """To planner and decomposer, side by side; where a person is asked first, the planner waits for
        what they say. What follows up on a picture has been planned already."""
        if state.get("basis"):
            return ["reviser"]
        ask = self._limits(completed(state)).ask
        return ["clarifier" if ask else "planner", "decomposer"]

    def after_briefing(self, state: RunState) -> str:
        """To the first prompt; where the person said something, once that is worked in."""
        if any((state.get("briefing") or {}).values()):
            return "reviser"
        return "generator" if state.get("basis") else "planner"

    def after_reviser(self, state: RunState) -> list[str]:
        """To the first prompt. A follow-up has one, once a person was asked where they are to be; one
        that asks for another picture begins as a run does. What cannot be worked in is asked again."""
        if state.get("refused"):
            return ["briefing"]
        briefed = state.get("briefing") is not None
        if not state.get("basis"):
            return ["planner"] if briefed else self.after_intake(state)
        return ["clarifier" if self._limits(completed(state)).ask and not briefed else "generator"]

    def after_generator(self, state: RunState) -> list[Send] | str:
        """One verifier a question, side by side; straight to the end when nothing can be asked."""
        state = completed(state)
        drawn = last_round(state) == state["draft"]["round"]
        if not drawn or not state["requirements"]:
            return "finish"
        tasks = first_tasks(state, self._limits(state), self._deps)
        return [Send("verifier", task) for task in tasks] or "finish"

    def after_recorder(self, state: RunState, config: RunnableConfig) -> list[Send] | str:
        """On to the next round, unless the run is over; first back for what could not be asked, and for
        what is to be looked at again."""
        state, stopped = completed(state), self._stopped(config)
        limits = self._limits(state)
        if tasks := further_tasks(state, limits, self._deps, stopped=stopped):
            return [Send("verifier", task) for task in tasks]
        over = outcome_of(state, limits, stopped)
        if over is not None and wants_review(state, limits.review, over):
            return "review"
        return "compressor" if over is None else "finish"

    def after_compressor(self, state: RunState) -> str:
        """On to the refiner, unless the run cannot go on."""
        return "finish" if state.get("failure") else "refiner"

    def after_refiner(self, state: RunState, config: RunnableConfig) -> str:
        """Draw, unless thinking used up the budget or the run was stopped meanwhile."""
        state = completed(state)
        limits = self._limits(state)
        if self._stopped(config) or over_budget(state, limits) or state.get("failure"):
            return "finish"
        return "review" if wants_review(state, limits.review, None) else "generator"

    def after_review(self, state: RunState, config: RunnableConfig) -> str:
        """What the person decided; where they changed what is required or judged, the round counts
        anew first."""
        state = completed(state)
        limits, review = self._limits(state), latest_review(state)
        decided = review is not None and review["decision"] != "go_on"
        if decided or self._stopped(config) or over_budget(state, limits):
            return "finish"
        if review is not None and review["changes"] and not has_next(state):
            return "recorder"
        return "generator" if has_next(state) and last_round(state) < limits.rounds else "finish"
