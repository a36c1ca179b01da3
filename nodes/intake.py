"""Intake: checks what the run was given, fixes the seed, and starts the facts afresh."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import AnswerError, InputError
from ..memory.images import Provenance
from ..memory.state import ImageRef, RunState, Spent
from .context import RunContext
from .conversation import decoded, pictures_in, question, unanswered, words_of
from .dependencies import Dependencies
from .node import Update, context_of, make_node, thread_of

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

PROMPT_LIMIT = 20_000
"""Characters. Longer prompts are refused: no text encoder reads them."""
NOTHING = Spent(mllm_calls=0, images=0, input_tokens=0, output_tokens=0)
FACTS: Update = {
    "drafts": [],
    "attempts": [],
    "verdicts": {},
    "experiences": {},
    "generator_lessons": {},
    "recalled": [],
    "warnings": [],
    "reviews": [],
    "work": {},
    "spent": NOTHING,
    "failure": "",
}
"""What nodes add to, at a run's beginning."""
RESULT: Update = {
    "requirements": [],
    "request": "",
    "inquiries": [],
    "briefing": None,
    "track_record": [],
    "recalled_lessons": [],
    "outcome": None,
    "image": "",
    "best_round": 0,
    "passed": 0,
    "total": 0,
    "rounds": [],
    "usage": {**NOTHING, "seconds": 0.0},
}
"""What nodes replace, and the result of a run that has nothing yet."""


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


def message_to_take_up(state: RunState) -> BaseMessage | None:
    """The last message of the conversation, where no run has taken it up yet."""
    messages = cast("Mapping[str, Any]", state).get("messages") or []
    return unanswered(messages, state.get("asked", ""))


def take_up(state: RunState, message: BaseMessage | None, deps: Dependencies) -> Update:
    """What is asked for: ``message``, else the bare prompt, which a server's thread shows as a message.

    Raises:
        InputError: there is neither, or it cannot be used.
    """
    if message is not None:
        return {"prompt": check_prompt(words_of(message)), "asked": message.id}
    prompt = check_prompt(state.get("prompt"))
    if deps.picture_url is None:
        return {"prompt": prompt, "asked": ""}
    said = question(prompt)
    return {"prompt": prompt, "asked": said.id, "messages": [said]}


def keep_references(
    message: BaseMessage, deps: Dependencies, context: RunContext, thread: str | None
) -> Update:
    """The pictures of ``message``, stored where the generator can use any. May block.

    Raises:
        InputError: one is no picture.
    """
    pictures = pictures_in(message)
    card = deps.generator(context).card
    if pictures and not card.can(frozenset({"references"})):
        return {"warnings": [f"{card.name} draws from words alone: the pictures were left out"]}
    return {"references": [keep_reference(decoded(block), deps, thread) for block in pictures]}


def keep_reference(data: bytes, deps: Dependencies, thread: str | None) -> ImageRef:
    """A reference picture of ``thread``, stored.

    Raises:
        InputError: it is no picture.
    """
    try:
        return deps.images.put(data, Provenance("", 0, "reference", None, 0), thread)
    except AnswerError as exc:
        raise InputError(f"a message's picture cannot be read: {exc.__cause__ or exc}") from exc


def make_intake(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The first node. It overwrites what reducers would add to, so that a thread that is run again
    starts with nothing."""

    from langgraph.types import Overwrite

    async def intake(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context = context_of(runtime)
        message = message_to_take_up(state)
        asked = take_up(state, message, deps)
        if context.skill not in {"auto", "none"}:
            deps.skills.chosen(context.skill)
        seed = context.seed if context.seed is not None else secrets.randbelow(2**31)
        update: Update = {"seed": seed, "skill": None, "references": []}
        update["memory_failed"] = False
        facts = FACTS
        if message is not None:
            kept = await asyncio.to_thread(keep_references, message, deps, context, thread_of(runtime))
            facts = {**FACTS, "warnings": kept.pop("warnings", [])}
            update |= kept
        fresh = {name: Overwrite(value) for name, value in facts.items()}
        return {**RESULT, "thread_id": thread_of(runtime) or "", **asked, **update, **fresh}

    return make_node(deps, "intake", intake)
