"""Intake: checks what the run was given, fixes the seed, and starts the facts afresh."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..errors import AnswerError, InputError
from ..memory.images import Provenance
from ..memory.ledger import best_attempt, request_of
from ..memory.older import completed
from ..memory.state import EarlierTurn, ImageRef, RunState, Spent
from ..memory.turns import CARRIED, basis_of, turn_of, with_picture
from .context import RunContext
from .conversation import decoded, pictures_in, question, unanswered, words_of
from .dependencies import Dependencies
from .node import Update, context_of, make_node, thread_of
from .results import summarize

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

PROMPT_LIMIT = 20_000
"""Characters. Longer prompts are refused: no text encoder reads them."""
NOTHING = Spent(mllm_calls=0, images=0, input_tokens=0, output_tokens=0, cost=0.0)
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
    "basis": None,
    "turns": [],
    "earlier": [],
    "inquiries": [],
    "briefing": None,
    "offered": [],
    "refused": "",
    "track_record": [],
    "recalled_lessons": [],
    "recipe": None,
    "outcome": None,
    "image": "",
    "best_round": 0,
    "passed": 0,
    "total": 0,
    "rounds": [],
    "usage": {"mllm_calls": 0, "images": 0, "input_tokens": 0, "output_tokens": 0, "seconds": 0.0},
    "exhausted": "",
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
    """What is asked for: ``message``, else the follow-up, else the bare prompt, which a server's thread
    shows as a message.

    Raises:
        InputError: there is neither, or it cannot be used.
    """
    if message is not None:
        return {"prompt": check_prompt(words_of(message)), "asked": message.id}
    prompt = check_prompt(state.get("follow_up") or state.get("prompt"))
    if deps.picture_url is None:
        return {"prompt": prompt, "asked": ""}
    said = question(prompt)
    return {"prompt": prompt, "asked": said.id, "messages": [said]}


def goes_on(state: RunState, message: BaseMessage | None) -> bool:
    """Whether the run changes the thread's picture: a message does where there is one, and a follow-up.

    Raises:
        InputError: a follow-up where there is no picture.
    """
    if state.get("follow_up") and not state.get("attempts"):
        raise InputError("there is no picture to go on from: draw one with a prompt first")
    return bool(state.get("attempts")) and (message is not None or bool(state.get("follow_up")))


def carried_on(state: RunState, context: RunContext, deps: Dependencies) -> Update:
    """What a follow-up takes over: the turn before it, its best picture, prompt and seed, and what is
    required, until the reviser has read what is different."""
    kept = {name: value for name, value in state.items() if name in CARRIED}
    basis = basis_of(state, deps.generator(context).card.can(frozenset({"edit"})))
    shown = {**state, **summarize(state, deps), "request": request_of(state)}
    names = EarlierTurn.__annotations__
    earlier = cast(EarlierTurn, {name: shown.get(name) for name in names})
    return {
        **kept,
        "request": request_of(state),
        "basis": basis,
        "turns": [*state.get("turns", []), turn_of(state)],
        "earlier": [*state.get("earlier", []), earlier],
        "total": len(state["requirements"]),
    }


def seed_of(state: RunState, context: RunContext, follows: bool) -> int:
    """The seed that the caller gave, else one at random; a follow-up's is the best picture's, unless
    the caller gave another than before."""
    if follows and context.seed in (None, (state.get("knobs") or {}).get("seed")):
        return best_attempt(state)["seed"]
    return context.seed if context.seed is not None else secrets.randbelow(2**31)


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
        state, message = completed(state), message_to_take_up(state)
        if message is not None or state.get("follow_up"):
            state = with_picture(state)
        follows = goes_on(state, message)
        asked = {**take_up(state, message, deps), "follow_up": ""}
        if context.skill not in {"auto", "none"}:
            deps.skills.chosen(context.skill)
        update: Update = {"seed": seed_of(state, context, follows), "skill": None, "references": []}
        update |= carried_on(state, context, deps) if follows else {}
        update["memory_failed"] = False
        facts = FACTS
        if message is not None:
            kept = await asyncio.to_thread(keep_references, message, deps, context, thread_of(runtime))
            facts = {**FACTS, "warnings": kept.pop("warnings", [])}
            update |= {name: found for name, found in kept.items() if found or not follows}
        if "recalled" in update:
            facts = {**facts, "recalled": update.pop("recalled")}
        fresh = {name: Overwrite(value) for name, value in facts.items()}
        return {**RESULT, "thread_id": thread_of(runtime) or "", **asked, **update, **fresh}

    return make_node(deps, "intake", intake)
