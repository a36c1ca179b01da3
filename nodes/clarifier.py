"""Clarifier: what a person should be asked about the request before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, field_validator

from ..memory.ledger import request_of
from ..memory.state import RunState
from ..models.chat.lenient import as_items, read_text
from ..models.chat.mllm import Role
from ..models.chat.plain import numbered_lines
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, make_node, spent_on
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

MOST = 3
"""Questions; more are left out."""


class Inquiries(BaseModel):
    """The clarifier's answer."""

    questions: list[str] = Field(
        default_factory=list, description=f"at most {MOST}, each one thing; empty where all is clear"
    )

    @classmethod
    def from_words(cls, text: str) -> object:
        """Questions in a numbered list."""
        return {"questions": [line for _, line in numbered_lines(text) if "?" in line or "？" in line]}

    @field_validator("questions", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        items = [value] if isinstance(value, str) else as_items(value)
        said = [item.get("question") if isinstance(item, dict) else item for item in items]
        words = [str(read_text(item)).strip() for item in said if item]
        return list(dict.fromkeys(filter(None, words)))[:MOST]


CLARIFIER = Role(
    name="clarifier",
    instructions=packaged_prompt("clarifier"),
    fields=("prompt",),
    answer=Inquiries,
)


def make_clarifier(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call, beside the decomposer's. It asks nobody itself, so that its call is paid
    once however long the answers take. Without a usable answer of the model people are shown the
    requirements alone."""

    async def clarifier(state: RunState, runtime: Runtime[RunContext]) -> Update:
        client = RoleClient(deps, runtime, state)
        reply, cost, problem = await client.ask_or_none(CLARIFIER, {"prompt": request_of(state)})
        return {
            "inquiries": reply.answer.questions if reply else [],
            "spent": spent_on(cost),
            "warnings": [problem] if problem else [],
        }

    return make_node(deps, "clarifier", clarifier)
