"""What Studio and graph servers load: the loop, compiled without a checkpointer, since servers bring
their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import cache
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from ..memory.older import completed
from ..memory.state import RunState
from ..nodes.context import RunContext
from ..nodes.results import conclude
from .refinement import build_graph
from .schemas import GraphInput, GraphOutput, GraphState
from .serving import Serving

CONFIG_OF_A_MOMENT = ("checkpoint_id", "checkpoint_map")
"""What names one checkpoint of a thread; without them the latest is meant."""


class ServedGraph(CompiledStateGraph[GraphState, RunContext, GraphInput, GraphOutput]):
    """The loop as servers run it. Cancelled once it has drawn something, it ends with its best picture,
    as a run does that is asked to stop; a server that shuts down leaves its runs to be gone on with.
    A step is stored before the next one begins (unless durability "exit" is asked for): the answers
    that a killed run has paid are found by its steps.

    Args:
        serving: what the server's graph, routes and start and end share.
    """

    def __init__(self, *, serving: Serving, **parts: Any) -> None:
        super().__init__(**parts)
        self.serving = serving

    def get_context_jsonschema(self) -> dict[str, Any] | None:
        """See ``Pregel.get_context_jsonschema``."""
        return context_schema()

    async def astream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        """See ``Pregel.astream``."""
        if hasattr(self.checkpointer, "aput") and options.get("durability") != "exit":
            options["durability"] = "sync"
        try:
            chunks = cast("AsyncGenerator[Any]", super().astream(input, config, **options))
            with self.serving.working():
                async with aclosing(chunks):
                    async for chunk in chunks:
                        yield chunk
        except (asyncio.CancelledError, GeneratorExit):
            if not self.serving.ending:
                await self._conclude(config or {})
            raise

    async def _conclude(self, config: RunnableConfig) -> None:
        """Ends a run that was cut off, where it runs by itself, can be stored, and has a picture."""
        configurable = dict(config.get("configurable") or {})
        if not hasattr(self.checkpointer, "aput") or configurable.get("checkpoint_ns"):
            return
        for key in CONFIG_OF_A_MOMENT:
            configurable.pop(key, None)
        latest: RunnableConfig = {**config, "configurable": configurable}
        snapshot = await self.aget_state(latest)
        values = completed(snapshot.values)
        if not snapshot.tasks or not values["attempts"]:
            return
        state, deps = cast(RunState, values), self.serving.deps
        update = await asyncio.to_thread(
            conclude, state, deps, configurable.get("thread_id"), "cancelled"
        )
        await self.aupdate_state(latest, update, as_node="finish")


@cache
def context_schema() -> dict[str, Any]:
    """The schema of a run's options. Servers ask for it before every run, and it takes longer to make
    than a node."""
    return RunContext.model_json_schema()


def served(serving: Serving) -> ServedGraph:
    """The graph for a server."""
    compiled = build_graph(deps=serving.deps)
    parts = {key: value for key, value in vars(compiled).items() if key != "__orig_class__"}
    return ServedGraph(serving=serving, **parts)
