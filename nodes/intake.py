"""Intake: checks what the run was given, fixes the seed, and starts the facts afresh."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ..errors import InputError
from ..memory.state import RunState, Spent
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, make_node

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

PROMPT_LIMIT = 20_000
"""Characters. Longer prompts are refused: no text encoder reads them."""


def check_prompt(prompt: object) -> str:
    """``prompt``, stripped.

    Raises:
        InputError: it is not text, empty, or too long.
    """
    if not isinstance(prompt, str):
        raise InputError('a run needs a prompt: give {"prompt": "two red circles"}')
    text = prompt.strip()
    if not text:
        raise InputError("the prompt is empty: say what to draw")
    check_text(text, "the prompt")
    if "\0" in text:
        raise InputError("the prompt contains a zero byte: remove it")
    if len(text) > PROMPT_LIMIT:
        raise InputError(
            f"the prompt has {len(text):,} characters, at most {PROMPT_LIMIT:,} are read: shorten it"
        )
    return text


def check_text(text: str, what: str) -> str:
    """``text`` as it is.

    Raises:
        InputError: it holds half a character, which no file takes.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise InputError(f"{what} is no valid UTF-8 text") from exc
    return text


def make_intake(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The first node."""

    from langgraph.types import Overwrite

    async def intake(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context = context_of(runtime)
        prompt = check_prompt(state.get("prompt"))
        if context.skill not in {"auto", "none"}:
            deps.skills.get(context.skill)
        seed = context.seed if context.seed is not None else secrets.randbelow(2**31)
        spent = Spent(mllm_calls=0, images=0, input_tokens=0, output_tokens=0)
        return {
            "prompt": prompt,
            "seed": seed,
            "skill": None,
            "requirements": [],
            "drafts": Overwrite([]),
            "attempts": Overwrite([]),
            "verdicts": Overwrite({}),
            "experiences": Overwrite({}),
            "recalled": Overwrite([]),
            "track_record": [],
            "warnings": Overwrite([]),
            "spent": Overwrite(spent),
            "failure": Overwrite(""),
        }

    return make_node(deps, "intake", intake)
