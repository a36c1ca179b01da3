"""The refinement loop as a LangGraph graph: which node follows which, and when.

Importing this module loads no model, opens nothing, and leaves LangGraph itself for when a graph is
built. Servers load ``gems.graphs.server``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import InputError
from ..memory.experiences import ExperienceStore
from ..memory.images import ImageStore
from ..models.chat.mllm import MLLM
from ..models.judges.judge import Judge
from ..models.pictures.generator import Generator
from ..nodes.briefing import make_briefing
from ..nodes.clarifier import make_clarifier
from ..nodes.compressor import make_compressor
from ..nodes.context import RunContext
from ..nodes.decomposer import make_decomposer
from ..nodes.dependencies import Dependencies
from ..nodes.finish import make_finish
from ..nodes.generator import make_generator
from ..nodes.intake import make_intake
from ..nodes.judging import VerifierTask
from ..nodes.planner import make_planner
from ..nodes.recorder import make_recorder
from ..nodes.refiner import make_refiner
from ..nodes.review import make_review
from ..nodes.reviser import make_reviser
from ..nodes.skill_writer import make_skill_writer
from ..nodes.verifier import make_verifier
from ..settings import Settings
from ..skills.catalogue import Catalogue

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph import StateGraph
    from langgraph.graph.state import CompiledStateGraph

    from .schemas import GraphInput, GraphOutput, GraphState

SIDE_BY_SIDE = 10
"""Nodes of one run at work at the same time: at most ten questions are asked at once."""

Graph: TypeAlias = "CompiledStateGraph[GraphState, RunContext, GraphInput, GraphOutput]"


def wire(deps: Dependencies) -> StateGraph[GraphState, RunContext, GraphInput, GraphOutput]:
    """The graph before it is compiled. Checkpoints hold the nodes' names, so renaming one strands
    the runs that were interrupted there."""
    from langgraph.graph import END, START, StateGraph

    from .routing import Router
    from .schemas import GraphInput, GraphOutput, GraphState

    graph = StateGraph(
        GraphState, context_schema=RunContext, input_schema=GraphInput, output_schema=GraphOutput
    )
    makers = {
        "intake": make_intake,
        "planner": make_planner,
        "skill_writer": make_skill_writer,
        "decomposer": make_decomposer,
        "clarifier": make_clarifier,
        "briefing": make_briefing,
        "reviser": make_reviser,
        "generator": make_generator,
        "recorder": make_recorder,
        "compressor": make_compressor,
        "refiner": make_refiner,
        "review": make_review,
        "finish": make_finish,
    }
    for name, make in makers.items():
        graph.add_node(name, make(deps))
    graph.add_node("verifier", make_verifier(deps), input_schema=VerifierTask)
    router = Router(deps)
    graph.add_edge(START, "intake")
    after_intake = ["planner", "decomposer", "clarifier"]
    graph.add_conditional_edges("intake", router.after_intake, [*after_intake, "reviser"])
    graph.add_edge("clarifier", "briefing")
    after_briefing = ["reviser", "planner", "generator"]
    graph.add_conditional_edges("briefing", router.after_briefing, after_briefing)
    after_reviser = [*after_intake, "briefing", "generator"]
    graph.add_conditional_edges("reviser", router.after_reviser, after_reviser)
    graph.add_edge("planner", "skill_writer")
    graph.add_edge(["skill_writer", "decomposer"], "generator")
    graph.add_conditional_edges("generator", router.after_generator, ["verifier", "finish"])
    graph.add_edge("verifier", "recorder")
    after_recorder = ["verifier", "compressor", "review", "finish"]
    graph.add_conditional_edges("recorder", router.after_recorder, after_recorder)
    graph.add_conditional_edges("compressor", router.after_compressor, ["refiner", "finish"])
    graph.add_conditional_edges("refiner", router.after_refiner, ["generator", "review", "finish"])
    graph.add_conditional_edges("review", router.after_review, ["recorder", "generator", "finish"])
    graph.add_edge("finish", END)
    return graph


def build_graph(
    *,
    settings: Settings | None = None,
    mllm: MLLM | None = None,
    generator: Generator | None = None,
    judges: Sequence[Judge] | None = None,
    images: ImageStore | None = None,
    experiences: ExperienceStore | None = None,
    skills: Catalogue | None = None,
    deps: Dependencies | None = None,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
    interrupt_before: Sequence[str] = (),
    interrupt_after: Sequence[str] = (),
) -> Graph:
    """The compiled loop; ``invoke``, ``ainvoke``, ``stream`` and ``astream`` all work.

    Args:
        settings: instead of the ``GEMS_*`` environment variables.
        mllm, generator, judges, images, experiences, skills: your own, instead of what the settings
            name.
        deps: everything nodes work with, instead of all of the above.
        checkpointer: any LangGraph checkpointer; without one a run cannot be resumed.
        interrupt_before, interrupt_after: names of nodes to pause at; needs a checkpointer.

    Raises:
        InputError: no such node.
    """
    deps = deps or Dependencies(
        settings,
        mllm=mllm,
        generator=generator,
        judges=judges,
        images=images,
        experiences=experiences,
        skills=skills,
    )
    builder = wire(deps)
    unknown = [name for name in (*interrupt_before, *interrupt_after) if name not in builder.nodes]
    if unknown:
        nodes = ", ".join(builder.nodes)
        raise InputError(f"no node is called {unknown[0]!r}, so nothing pauses there: use {nodes}")
    compiled = builder.compile(
        checkpointer=checkpointer,
        name="gems",
        interrupt_before=list(interrupt_before),
        interrupt_after=list(interrupt_after),
    )
    return compiled.with_config(max_concurrency=SIDE_BY_SIDE)
