"""Generator: draws the round's candidates in one batch and stores them."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, cast

from ..errors import AnswerError, BackendError, BudgetError, Cost, DeclinedError
from ..events import DrawingStarted, PicturesDrawn, StepDone
from ..memory.images import Provenance
from ..memory.ledger import attempt_at, seed_for
from ..memory.reducers import add_spent
from ..memory.state import Attempt, Draft, RunState
from ..models.capabilities import is_apart
from ..models.pictures.generator import Draw, Generator, OnStep, Picture
from ..models.retry import RefusedRequestError
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, thread_of
from .paid import PAID
from .purse import payer
from .results import summarize

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

TRIES = 3
"""Seeds that a candidate is drawn with before its refusal counts: filters judge the picture, too."""


def make_draws(state: RunState, context: RunContext, deps: Dependencies) -> list[Draw]:
    """The round's draws, as the draft's action makes them: as many candidates as asked for and the
    budgets allow. May block, as pictures to draw from are fetched."""
    draft, count = state["draft"], context.candidates
    if context.max_images is not None:
        count = max(1, min(count, context.max_images - state["spent"]["images"]))
    count = payer().affordable(deps.picture_price(context), count)
    seeds = [seed_for(state["seed"], draft["round"], candidate) for candidate in range(count)]
    seeds[0] = draft.get("seed", seeds[0])
    seen = tuple(deps.images.fetch(ref) for ref in state.get("references", ()))
    basis = state.get("basis")
    source = deps.images.fetch(basis["image"]) if basis and basis["edits"] else None
    draws = [
        Draw(draft["prompt"], seed, context.width, context.height, source=source, references=seen)
        for seed in seeds
    ]
    if "start" not in draft:
        return draws
    start = deps.images.fetch(attempt_at(state, draft["start"])["image"])
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


class Batch:
    """Draws and stores one round's candidates, each of which may fail without the others.

    Attributes:
        warnings: what could not be drawn, and what the pictures lack, one line each.
        money: what the pictures cost, those among them that turned out to be none; None: no price.
    """

    def __init__(
        self,
        model: Generator,
        deps: Dependencies,
        state: RunState,
        thread: str | None,
        price: float | None,
    ) -> None:
        self._model = model
        self._images = deps.images
        self._seed = state["seed"]
        self._draft = state["draft"]
        self._thread = thread
        self._paid = PAID.get()
        self._price = price
        self.warnings: list[str] = []
        self.money = None if price is None else 0.0

    async def draw(self, draws: list[Draw], on_step: OnStep) -> list[Attempt]:
        """The candidates, drawn all at once; what fails for good is drawn again by itself.

        Raises:
            BackendError: there is none, and why.
        """
        results = await self._first(draws, on_step)
        failed = [r for r in results if isinstance(r, BackendError)]
        hopeless = [r for r in failed if not may_change(r)]
        # What could be paid is drawn, and counts.
        unpaid = all(isinstance(r, BudgetError) for r in hopeless)
        if hopeless and (not unpaid or len(failed) == len(results)):
            raise hopeless[0]
        whole = len(draws) > 1 and all(result is results[0] for result in results)
        again = range(0 if whole else 1, TRIES)
        results = await asyncio.gather(
            *(self._again(n, draws[n], again, result, on_step) for n, result in enumerate(results))
        )
        attempts = [result for result in results if not isinstance(result, BackendError)]
        failures = {n: r for n, r in enumerate(results, 1) if isinstance(r, BackendError)}
        if not attempts:
            raise min(failures.values(), key=may_change)
        self.warnings += [f"generator: no candidate {n}: {why}" for n, why in failures.items()]
        return attempts

    async def _first(self, draws: list[Draw], on_step: OnStep) -> list[Attempt | BackendError]:
        """An attempt or a failure for each of ``draws``. Where each is a request of its own, none waits
        for the others to be stored, or is lost with one that fails."""
        if not is_apart(self._model):
            return await self._together(dict(enumerate(draws)), on_step)
        alone = (self._together({number: draw}, on_step) for number, draw in enumerate(draws))
        results = await asyncio.gather(*alone, return_exceptions=True)
        found: list[Attempt | BackendError] = []
        for result in results:
            if isinstance(result, BaseException):
                raise result
            found += result
        return found

    async def _together(
        self, draws: Mapping[int, Draw], on_step: OnStep
    ) -> list[Attempt | BackendError]:
        """An attempt or a failure for each of ``draws``, by the candidates' numbers; those that a
        process drew which was killed then are not drawn again."""
        keys = {number: self._key(number, draw) for number, draw in draws.items()}
        kept = {number: await self._kept(key) for number, key in keys.items()}
        missing = {number: draw for number, draw in draws.items() if kept[number] is None}
        drawn = await self._draw(missing, keys, on_step) if missing else {}
        return [kept[number] or drawn[number] for number in draws]

    async def _draw(
        self, draws: Mapping[int, Draw], keys: Mapping[int, str], on_step: OnStep
    ) -> dict[int, Attempt | BackendError]:
        """An attempt or a failure for each of ``draws``, asked for in one call."""
        try:
            pictures = await self._model.draw(list(draws.values()), on_step)
            if len(pictures) != len(draws):
                raise AnswerError(
                    f"{self._model.name} drew {len(pictures)} pictures instead of {len(draws)}"
                )
        except BackendError as exc:
            return dict.fromkeys(draws, exc)
        return {
            n: await self._store(n, picture, keys[n])
            for n, picture in zip(draws, pictures, strict=True)
        }

    async def _again(
        self,
        number: int,
        draw: Draw,
        tries: Sequence[int],
        result: Attempt | BackendError,
        on_step: OnStep,
    ) -> Attempt | BackendError:
        """``result``, or where that is a failure what comes of trying other seeds."""
        for attempt in tries:
            if not isinstance(result, BackendError) or not may_change(result):
                break
            seed = seed_for(self._seed, self._draft["round"], number, attempt)
            (result,) = await self._together({number: replace(draw, seed=seed)}, on_step)
        return result

    async def _store(self, number: int, picture: Picture, key: str) -> Attempt | BackendError:
        self._pay(self._price)
        try:
            attempt = await asyncio.to_thread(self._put, number, picture, key)
        except AnswerError as exc:
            return exc
        self._note(picture.notes)
        return attempt

    def _put(self, number: int, picture: Picture, key: str) -> Attempt:
        """Stores a picture, and that it was drawn, in one go: until then a kill loses it."""
        draft = self._draft
        made = Provenance(draft["prompt"], picture.seed, self._model.name, self._thread, draft["round"])
        attempt = Attempt(
            round=draft["round"],
            candidate=number,
            prompt=draft["prompt"],
            seed=picture.seed,
            image=self._images.put(picture.data, made),
        )
        if self._paid is not None:
            kept = {"attempt": attempt, "notes": picture.notes, "cost": self._price}
            self._paid.keep(key, kept)
        return attempt

    def _key(self, number: int, draw: Draw) -> str:
        drawn = [self._model.name, self._draft["round"], number, asdict(draw)]
        return "" if self._paid is None else self._paid.key(["drawn", *drawn])

    async def _kept(self, key: str) -> Attempt | None:
        """What was drawn under ``key`` before, if its picture is there still."""
        found = None if self._paid is None else await self._paid.find(key)
        if found is None:
            return None
        attempt = cast(Attempt, found["attempt"])
        if await asyncio.to_thread(self._images.find, attempt["image"]["sha256"]) is None:
            return None
        self._note(found["notes"])
        self._pay(found.get("cost"))
        return attempt

    def _pay(self, money: float | None) -> None:
        self.money = None if self.money is None or money is None else self.money + money

    def _note(self, notes: Sequence[str]) -> None:
        lines = [f"round {self._draft['round']}: {note}" for note in notes]
        self.warnings += [line for line in lines if line not in self.warnings]


def may_change(error: BackendError) -> bool:
    """Whether another seed may help: an unusable picture, or a refusal that may be about this one."""
    return isinstance(error, AnswerError | DeclinedError | RefusedRequestError)


def make_generator(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node. A candidate that cannot be drawn is left out with a warning; where none can, its
    failure is raised."""

    async def generator(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context, draft = context_of(runtime), state["draft"]
        model, thread = deps.generator(context), thread_of(runtime)
        draws = await asyncio.to_thread(make_draws, state, context, deps)
        emit(runtime, drawing(draft, len(draws)))
        batch = Batch(model, deps, state, thread, deps.picture_price(context))
        try:
            attempts = await batch.draw(draws, step_callback(runtime, draft["round"]))
        except BackendError as exc:
            exc.cost += Cost(money=batch.money)
            raise
        paths = [str(deps.images.path(attempt["image"])) for attempt in attempts]
        emit(runtime, PicturesDrawn(event="drawn", round=draft["round"], images=paths))
        spent = spent_on(Cost(), len(attempts), batch.money)
        facts = {
            "attempts": [*state["attempts"], *attempts],
            "spent": add_spent(state["spent"], spent),
        }
        progress = summarize(cast(RunState, {**state, **facts}), deps)
        return {**progress, "attempts": attempts, "spent": spent, "warnings": batch.warnings}

    return make_node(deps, "generator", generator)
