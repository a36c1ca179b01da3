"""Generator: draws the round's candidates in one batch and stores them."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING

from ..errors import AnswerError, Cost, RunError
from ..events import DrawingStarted, PicturesDrawn, StepDone
from ..memory.images import Provenance
from ..memory.ledger import attempt_at, seed_for
from ..memory.state import Attempt, Draft, RunState
from ..models.pictures.generator import Draw, Generator, OnStep, Picture
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, thread_of

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

POLL = 0.1
"""Seconds between looks at whether the run should stop."""


def make_draws(state: RunState, context: RunContext, deps: Dependencies) -> list[Draw]:
    """The round's draws, as the draft's action makes them: as many candidates as asked for and the
    image budget allows."""
    draft, count = state["draft"], context.candidates
    if context.max_images is not None:
        count = max(1, min(count, context.max_images - state["spent"]["images"]))
    seeds = [seed_for(state["seed"], draft["round"], candidate) for candidate in range(count)]
    draws = [Draw(draft["prompt"], seed, context.width, context.height) for seed in seeds]
    if "start" not in draft:
        return draws
    start = deps.images.path(attempt_at(state, draft["start"])["image"])
    return [deps.actions[draft["action"]].draw(draw, start) for draw in draws]


def drawing(draft: Draft, count: int) -> DrawingStarted:
    """The event that tells of a round's beginning."""
    return DrawingStarted(event="drawing", round=draft["round"], prompt=draft["prompt"], count=count)


def step_callback(runtime: Runtime[RunContext], round_number: int) -> OnStep:
    """Streams denoising steps, called from whatever thread the generator works in."""
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()

    def on_step(done: int, total: int) -> None:
        loop.call_soon_threadsafe(
            lambda: emit(runtime, StepDone(event="step", round=round_number, done=done, total=total)),
            context=context.copy(),
        )

    return on_step


async def draw_unless_stopped(
    generator: Generator, draws: list[Draw], on_step: OnStep, deps: Dependencies, thread: str | None
) -> list[Picture] | None:
    """The pictures, or None when the run was asked to stop meanwhile."""
    drawing = asyncio.ensure_future(generator.draw(draws, on_step))
    try:
        while not drawing.done():
            await asyncio.wait({drawing}, timeout=POLL)
            if deps.signals.stopping(thread) and not drawing.done():
                return None
        return drawing.result()
    finally:
        drawing.cancel()


def make_generator(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node. A run that is stopped before its first picture has nothing to end with: RunError. As
    many pictures come back as were asked for, or it raises AnswerError and stores none."""

    async def generator(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context, draft = context_of(runtime), state["draft"]
        model, thread = deps.generator(context), thread_of(runtime)
        draws = make_draws(state, context, deps)
        emit(runtime, drawing(draft, len(draws)))
        on_step = step_callback(runtime, draft["round"])
        pictures = await draw_unless_stopped(model, draws, on_step, deps, thread)
        if pictures is None:
            if not state["attempts"]:
                raise RunError("stopped before the first picture: resume the run to draw it", thread)
            return {}
        if len(pictures) != len(draws):
            raise AnswerError(f"{model.name} drew {len(pictures)}, not {len(draws)}: choose another")
        attempts = [
            Attempt(
                round=draft["round"],
                candidate=number,
                prompt=draft["prompt"],
                seed=picture.seed,
                image=await asyncio.to_thread(
                    deps.images.put,
                    picture.data,
                    Provenance(draft["prompt"], picture.seed, model.name, thread, draft["round"]),
                ),
            )
            for number, picture in enumerate(pictures)
        ]
        paths = [str(deps.images.path(attempt["image"])) for attempt in attempts]
        emit(runtime, PicturesDrawn(event="drawn", round=draft["round"], images=paths))
        return {"attempts": attempts, "spent": spent_on(Cost(), images=len(attempts))}

    return make_node(deps, "generator", generator)
