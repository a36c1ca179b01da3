"""The refinement loop as a LangGraph graph.

``graph`` is what Studio and a graph server load; ``build_graph`` is for library users. Importing
this module loads no model and opens nothing.
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from ..memory.ledger import last_round, of_round, outcome_of, over_budget
from ..memory.state import Requirement, RunInput, RunResult, RunState
from ..nodes.compressor import make_compressor
from ..nodes.context import RunContext
from ..nodes.decomposer import make_decomposer
from ..nodes.dependencies import Dependencies
from ..nodes.finish import make_finish
from ..nodes.generator import make_generator
from ..nodes.intake import make_intake
from ..nodes.node import calls_left, context_of, thread_of
from ..nodes.planner import make_planner
from ..nodes.recorder import make_recorder
from ..nodes.refiner import make_refiner
from ..nodes.skill_writer import make_skill_writer
from ..nodes.verifier.node import VerifierTask, make_verifier

SIDE_BY_SIDE = 10
"""Nodes of one run at work at the same time: at most ten questions are asked at once."""

Graph = CompiledStateGraph[RunState, RunContext, RunInput, RunResult]


def verifier_tasks(state: RunState, context: RunContext, deps: Dependencies) -> list[VerifierTask]:
    """What to ask about the latest round's pictures, within the call budget: earlier candidates and
    earlier questions first."""
    requirements = state["requirements"]
    groups: list[list[Requirement]] = [[requirement] for requirement in requirements]
    if context.verify == "together":
        groups = [requirements]
    wanted = [(attempt, group) for attempt in of_round(state, last_round(state)) for group in groups]
    left = None if context.max_mllm_calls is None else calls_left(state, context)
    if over_budget(state, context):
        left = 0
    wanted = wanted if left is None else wanted[:left]
    return [
        VerifierTask(
            round=attempt["round"],
            candidate=attempt["candidate"],
            image=str(deps.images.path(attempt["image"])),
            requirements=group,
            calls_left=None if left is None else max(1, left // len(wanted)),
        )
        for attempt, group in wanted
    ]


class Router:
    """The conditional edges."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def _stopped(self, runtime: Runtime[RunContext]) -> bool:
        return self._deps.stops.requested(thread_of(runtime))

    def after_generator(self, state: RunState, runtime: Runtime[RunContext]) -> list[Send] | str:
        """One verifier a question, side by side; straight to the end when nothing can be asked."""
        drawn = last_round(state) == state["draft"]["round"]
        if not drawn or not state["requirements"]:
            return "finish"
        tasks = verifier_tasks(state, context_of(runtime), self._deps)
        return [Send("verifier", task) for task in tasks] or "finish"

    def after_recorder(self, state: RunState, runtime: Runtime[RunContext]) -> str:
        """On to the next round, unless the run is over."""
        over = outcome_of(state, context_of(runtime), self._stopped(runtime))
        return "compressor" if over is None else "finish"

    def after_refiner(self, state: RunState, runtime: Runtime[RunContext]) -> str:
        """Draw, unless thinking used up the budget or the run was stopped meanwhile."""
        over = self._stopped(runtime) or over_budget(state, context_of(runtime))
        return "finish" if over else "generator"


def wire(deps: Dependencies) -> StateGraph[RunState, RunContext, RunInput, RunResult]:
    """The graph, not compiled."""
    graph = StateGraph(
        RunState, context_schema=RunContext, input_schema=RunInput, output_schema=RunResult
    )
    makers = {
        "intake": make_intake,
        "planner": make_planner,
        "skill_writer": make_skill_writer,
        "decomposer": make_decomposer,
        "generator": make_generator,
        "recorder": make_recorder,
        "compressor": make_compressor,
        "refiner": make_refiner,
        "finish": make_finish,
    }
    for name, make in makers.items():
        graph.add_node(name, make(deps))
    graph.add_node("verifier", make_verifier(deps), input_schema=VerifierTask)
    router = Router(deps)
    graph.add_edge(START, "intake")
    graph.add_edge("intake", "planner")
    graph.add_edge("intake", "decomposer")
    graph.add_edge("planner", "skill_writer")
    graph.add_edge(["skill_writer", "decomposer"], "generator")
    graph.add_conditional_edges("generator", router.after_generator, ["verifier", "finish"])
    graph.add_edge("verifier", "recorder")
    graph.add_conditional_edges("recorder", router.after_recorder, ["compressor", "finish"])
    graph.add_edge("compressor", "refiner")
    graph.add_conditional_edges("refiner", router.after_refiner, ["generator", "finish"])
    graph.add_edge("finish", END)
    return graph


def build_graph(
    *,
    deps: Dependencies | None = None,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
    **parts: Any,
) -> Graph:
    """The compiled loop; ``invoke`` and ``ainvoke`` both work.

    Args:
        deps: what the nodes work with; made from the settings when not given.
        checkpointer: any LangGraph checkpointer; without one a run cannot be resumed.
        parts: instead of ``deps``, what ``Dependencies`` takes: ``settings``, ``mllm``, ``generator``,
            ``images``, ``experiences``, ``skills``.
    """
    compiled = wire(deps or Dependencies(**parts)).compile(checkpointer=checkpointer, name="gems")
    return compiled.with_config(max_concurrency=SIDE_BY_SIDE)


graph = build_graph()
