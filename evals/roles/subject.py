"""The model that is examined, asked through the nodes and judges of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from ...errors import BackendError, Cost
from ...memory.images import ImageStore
from ...memory.state import RunState
from ...models.chat.mllm import MLLM, AnswerT, Reply, Role
from ...models.chat.wrapped import WrappedMLLM
from ...models.fakes import FakeGenerator
from ...models.pictures.card import Card
from ...nodes.context import RunContext
from ...nodes.dependencies import Dependencies
from ...settings import Settings
from ...skills.catalogue import PACKAGED, Catalogue

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda

    from ...nodes.node import Update

    MakeNode = Callable[[Dependencies], RunnableLambda[Any, Update]]


@dataclass
class Heard:
    """What one question of the exam led to: the model's own answers, and what they cost."""

    answers: list[tuple[str, BaseModel]] = field(default_factory=list)
    cost: Cost = field(default_factory=Cost)

    def last(self, role: str) -> Any:
        """The last answer of ``role``; None: it gave none that could be used."""
        return next((answer for name, answer in reversed(self.answers) if name == role), None)


HEARD: ContextVar[Heard | None] = ContextVar("heard", default=None)


class ListeningMLLM(WrappedMLLM):
    """Notes the answers of another MLLM for whoever asks; see ``MLLM``."""

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``."""
        heard = HEARD.get() or Heard()
        try:
            reply = await self._mllm.ask(role, fields, images, max_requests=max_requests)
        except BackendError as exc:
            heard.cost += exc.cost
            raise
        heard.cost += reply.cost
        heard.answers.append((role.name, reply.answer))
        return reply


class Subject:
    """A model, and what is needed to ask it as a run does.

    Args:
        home: where the exam's pictures are kept.
    """

    def __init__(self, mllm: MLLM, settings: Settings, home: Path) -> None:
        self.name = mllm.name
        self.home = home
        self.images = ImageStore(home / "pictures")
        self._settings = settings
        self._mllm = ListeningMLLM(mllm)
        self._skills = Catalogue([PACKAGED])
        self._graphs: dict[tuple[str, int | None], Any] = {}
        self.deps = self.deps_for(None)

    def deps_for(self, prompt_tokens: int | None) -> Dependencies:
        """What nodes work with, for a generator that reads so many tokens."""
        card = Card(name="exam", prompt_tokens=prompt_tokens)
        return Dependencies(
            self._settings,
            mllm=self._mllm,
            generator=FakeGenerator(card=card),
            images=self.images,
            skills=self._skills,
        )

    async def run_node(
        self, name: str, make: MakeNode, state: Mapping[str, Any], prompt_tokens: int | None = None
    ) -> Update:
        """What the node ``name`` of a run makes of ``state``, without memory.

        Raises:
            GemsError: as the node does.
        """
        graph = self._graphs.get((name, prompt_tokens))
        if graph is None:
            graph = graph_of(name, make(self.deps_for(prompt_tokens)))
            self._graphs[name, prompt_tokens] = graph
        start = cast("Any", {**BLANK, **state})
        found: Update = {}
        context = RunContext(memory=False)
        async for update in graph.astream(start, context=context, stream_mode="updates"):
            found = update[name]
        return found


def graph_of(name: str, node: RunnableLambda[Any, Update]) -> Any:
    """A graph of one node, compiled."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(RunState, context_schema=RunContext)
    graph.add_node(name, node)
    graph.add_edge(START, name)
    graph.add_edge(name, END)
    return graph.compile()


BLANK: dict[str, Any] = {
    "seed": 0,
    "skill": None,
    "requirements": [],
    "drafts": [],
    "attempts": [],
    "verdicts": {},
    "experiences": {},
    "recalled": [],
    "track_record": [],
    "warnings": [],
    "knobs": {},
}
"""A run's state before anything has happened."""
