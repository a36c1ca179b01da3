"""Whatever context the graph is handed: its own, none, or that of a graph that it is a node of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from gems import build_graph
from gems.errors import InputError
from gems.models.fakes import FakeGenerator
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel
from scripted_sessions import scripted
from typing_extensions import TypedDict


class Chore(TypedDict):
    prompt: str
    image: str


@dataclass
class Tenant:
    tenant: str = "someone"
    rounds: int = 1
    memory: object = field(default_factory=object)


class TenantModel(BaseModel):
    tenant: str = "someone"
    rounds: int = 1


class TenantDict(TypedDict):
    tenant: str
    rounds: int


def loop(home: Path, **parts: Any) -> Any:
    usual = {"mllm": scripted(), "generator": FakeGenerator()}
    return build_graph(settings=Settings(home=home), **{**usual, **parts})


@pytest.mark.parametrize(
    ("schema", "context"),
    [
        (Tenant, Tenant()),
        (TenantModel, TenantModel()),
        (TenantDict, {"tenant": "someone", "rounds": 1}),
        (None, None),
    ],
)
def test_it_is_a_node_of_a_graph_with_a_context_of_its_own(
    tmp_path: Path, schema: Any, context: Any
) -> None:
    generator = FakeGenerator()
    outer: Any = StateGraph(Chore, context_schema=schema)
    outer.add_node("draw", loop(tmp_path, generator=generator))
    outer.add_edge(START, "draw")
    outer.add_edge("draw", END)
    result = outer.compile().invoke({"prompt": "a cat"}, context=context)
    assert Path(result["image"]).is_file()
    assert len(generator.history) == (2 if context is None else 1)


def test_a_value_out_of_range_is_one_line_wherever_it_came_from(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rounds = 99"):
        outer: Any = StateGraph(Chore, context_schema=Tenant)
        outer.add_node("draw", loop(tmp_path))
        outer.add_edge(START, "draw")
        outer.compile().invoke({"prompt": "a cat"}, context=Tenant(rounds=99))


def test_a_thread_keeps_its_options_until_others_are_given(tmp_path: Path) -> None:
    generator = FakeGenerator()
    mllm = scripted(verifier={"verdict": "no"})
    graph = loop(tmp_path, mllm=mllm, generator=generator, checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    pictures = []
    for context in ({"rounds": 1, "seed": 5}, None, {"rounds": 2}, None):
        before = len(generator.history)
        graph.invoke({"prompt": "a cat"}, thread, context=context)
        pictures.append(len(generator.history) - before)
        assert generator.history[before].seed == 5
    assert pictures == [1, 1, 2, 2]
