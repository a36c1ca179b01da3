"""What goes into the graph, what comes out, and what it keeps, as servers and Studio read it.

The facts are ``memory/state.py``'s; a conversation is LangChain's, which is imported when a graph is
built. LangGraph reads the annotations.
"""

from __future__ import annotations

from typing import Annotated, NotRequired

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

from ..memory.state import RunResult, RunState

Messages = Annotated[list[AnyMessage], add_messages]


class GraphInput(TypedDict):
    """What a run is given: a prompt, or a conversation whose last message is one. Everything else about
    it is context."""

    prompt: NotRequired[str]
    """What to draw, in words."""
    follow_up: NotRequired[str]
    """What to change about the picture that the thread has: "now make the sky darker"."""
    messages: NotRequired[Messages]
    """A conversation; the last message says what to draw, or to change about the picture that is there.
    Pictures in it are references."""


class GraphOutput(RunResult):
    """A run's result, and the conversation with its answer."""

    messages: NotRequired[Messages]


class GraphState(RunState):
    """The facts, and the conversation that the run is a turn of."""

    messages: NotRequired[Messages]
