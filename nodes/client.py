"""How a node speaks to the MLLM: as a role, with the run's instructions, within its call budget."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AnswerError, Cost, RefusedError
from ..memory.state import RunState
from ..models.chat.mllm import AnswerT, Reply, Role
from .budgets import within_budgets, without_memory
from .context import RunContext
from .dependencies import Dependencies
from .node import context_of

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

TOO_LONG = (
    r"(?i)context.{0,20}(?:length|size|window)|(?:maximum|max\w*|too many|exceed\w*).{0,40}tokens"
    r"|(?:prompt|input|request|sequence).{0,30}too (?:long|large)|tokens.{0,60}(?:maximum|exceed|limit)"
    r"|\b413\b"
)
"""By these a server says that a request is longer than its model can read."""


class RoleClient:
    """One node's access to the MLLM. Made anew for each call of the node: the budget is read once."""

    def __init__(self, deps: Dependencies, runtime: Runtime[RunContext], state: RunState) -> None:
        self._deps = deps
        self._context = context_of(runtime)
        self._mllm = deps.mllm(self._context)
        self._left = calls_left(state, self._context)

    def may_ask_again(self, cost: Cost) -> bool:
        """Whether the call budget allows another call after ``cost``, and one question about a picture
        after that."""
        return self._left is None or self._left - cost.requests >= 2

    async def ask(
        self, role: Role[AnswerT], fields: Mapping[str, Any], images: Sequence[Path] = ()
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``; with the run's instructions for ``role``, within what is left of its
        budget, every section within its own. What is too long all the same is asked once more
        without what memory adds."""
        instructed = replace(role, instructions=self._deps.instructions(role.name, self._context))
        shown = within_budgets(role, fields)
        try:
            return await self._mllm.ask(instructed, shown, images, max_requests=self._left)
        except RefusedError as exc:
            shorter = without_memory(role, shown) if re.search(TOO_LONG, str(exc)) else None
            if shorter is None or not self.may_ask_again(exc.cost):
                raise
            left = None if self._left is None else self._left - exc.cost.requests
            reply = await self._mllm.ask(instructed, shorter, images, max_requests=left)
            return replace(reply, cost=reply.cost + exc.cost)

    async def ask_or_none(
        self, role: Role[AnswerT], fields: Mapping[str, Any], images: Sequence[Path] = ()
    ) -> tuple[Reply[AnswerT] | None, Cost, str]:
        """As ``ask``, for roles a run can do without: (reply or None, cost, why there is none).

        Only an unusable answer is forgiven; a server that is away or refuses stops the run, which
        can then be resumed.
        """
        try:
            reply = await self.ask(role, fields, images)
        except AnswerError as exc:
            return None, exc.cost, f"{role.name}: {exc}"
        return reply, reply.cost, ""


def calls_left(state: RunState, context: RunContext) -> int | None:
    """What is left of the call budget, at least 1; None: no budget."""
    if context.max_mllm_calls is None:
        return None
    return max(1, context.max_mllm_calls - state["spent"]["mllm_calls"])
