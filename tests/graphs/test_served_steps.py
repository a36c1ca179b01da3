"""A graph server's run stores each step before the next one begins, whatever its caller asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from gems.app.http.metrics import Metrics
from gems.graphs.server import served
from gems.graphs.serving import Serving
from gems.memory.fakes import FakeExperiences
from gems.memory.images import ImageStore
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.nodes.context import RunContext
from gems.nodes.dependencies import Dependencies
from gems.nodes.policy import Policy
from gems.settings import Settings
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.memory import InMemorySaver


class SlowSaver(InMemorySaver):
    """A store that takes its time, and knows how many steps are on their way to it."""

    under_way = 0

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        self.under_way += 1
        await asyncio.sleep(0.05)
        self.under_way -= 1
        return await super().aput(config, checkpoint, metadata, new_versions)


ASKED = pytest.mark.parametrize("asked", [{"durability": "async"}, {}])


@ASKED
def test_a_step_is_stored_before_the_next_one_pays(tmp_path: Path, asked: dict[str, Any]) -> None:
    saver = SlowSaver()
    assert looks(tmp_path, saver, asked) == [0]


@ASKED
@pytest.mark.filterwarnings("ignore:.durability. has no effect")
def test_a_run_that_is_not_stored_goes_on_at_once(tmp_path: Path, asked: dict[str, Any]) -> None:
    assert looks(tmp_path, None, asked) == [0]


def looks(tmp_path: Path, saver: SlowSaver | None, asked: dict[str, Any]) -> list[int]:
    """How many steps were on their way to the store at each look of a run's judge."""
    found = list[int]()

    def looked(fields: Mapping[str, Any], images: Sequence[Path]) -> dict[str, Any]:
        found.append(saver.under_way if saver else 0)
        return {"verdict": "yes", "reason": "seen"}

    settings = Settings(home=tmp_path)
    serving = Serving(settings, Policy(), Metrics(), lambda sha256: "")
    questions = [{"question": "A cat?", "statement": "a cat", "kind": "object"}]
    serving.deps = Dependencies(
        settings,
        mllm=FakeMLLM(planner={"skill": "none"}, decomposer={"questions": questions}, verifier=looked),
        generator=FakeGenerator(),
        images=ImageStore(tmp_path / "images"),
        experiences=FakeExperiences(),
    )
    graph = served(serving).copy({"checkpointer": saver})

    async def run() -> list[Any]:
        config: Any = {"configurable": {"thread_id": "a"}}
        chunks = graph.astream({"prompt": "a cat"}, config, context=RunContext(seed=1), **asked)
        return [chunk async for chunk in chunks]

    assert asyncio.run(run())
    return found
