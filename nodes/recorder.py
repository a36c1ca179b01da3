"""Recorder: once a round has been judged, keeps what the advice before it brought, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import GemsError
from ..events import RoundJudged
from ..memory.ending import outcome_of
from ..memory.experiences import Experience, Recipe, limit_words
from ..memory.ledger import (
    attempt_at,
    best_of_round,
    last_round,
    passed_count,
    pending,
    request_of,
    split,
    verdict_on,
)
from ..memory.state import Attempt, Draft, RunState
from .context import RunContext
from .dependencies import Dependencies
from .judging import further_tasks
from .node import Update, context_of, emit, make_node, thread_of
from .results import summarize

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

JUDGED = ("all_passed", "max_rounds", "budget")
"""Outcomes of runs whose last picture could be judged."""


def experience_of(state: RunState, number: int, generator: str, thread: str | None) -> Experience:
    """Round ``number``'s experience, with what the round after it gained."""
    before, after = best_of_round(state, number), best_of_round(state, number + 1)
    _, failed, _ = split(state, before)
    draft = state["draft"]
    fixed, unfixed, broken = changes_between(state, start_of(state, draft, before), after)
    return Experience(
        text=state["experiences"][str(number)],
        prompt=request_of(state),
        thread=thread or f"unnamed-{state['seed']}",
        round=number,
        skill=state["skill"] or "none",
        generator=generator,
        failed=tuple(requirement["statement"] for requirement, _ in failed),
        action=draft["action"],
        next_prompt=draft.get("written", draft["prompt"]),
        gained=passed_count(state, after) - passed_count(state, before),
        kinds=tuple(dict.fromkeys(requirement["kind"] for requirement, _ in failed)),
        strategy=draft.get("strategy", ""),
        solved=all_passed(state, number + 1),
        fixed=fixed,
        unfixed=unfixed,
        broken=broken,
        about_generator=state["generator_lessons"].get(str(number), ""),
    )


def start_of(state: RunState, draft: Draft, otherwise: Attempt) -> Attempt:
    """The attempt that a draft goes out from; drafts of older versions name none."""
    start = draft.get("start")
    return attempt_at(state, start) if start is not None else otherwise


Kinds = tuple[str, ...]


def changes_between(state: RunState, before: Attempt, after: Attempt) -> tuple[Kinds, Kinds, Kinds]:
    """The kinds of the requirements that ``before`` fails and ``after`` passes, that both fail, and
    that only ``after`` fails. What could not be decided of either counts nowhere."""
    found: dict[tuple[str, str], list[str]] = {}
    for requirement in state["requirements"]:
        values = tuple(verdict_on(state, item, requirement)["value"] for item in (before, after))
        found.setdefault((values[0], values[1]), []).append(requirement["kind"])
    fixed, unfixed, broken = (
        tuple(found.get(pair, ())) for pair in (("fail", "pass"), ("fail", "fail"), ("pass", "fail"))
    )
    return fixed, unfixed, broken


def recipe_of(state: RunState, context: RunContext, deps: Dependencies) -> Recipe | None:
    """What draws the last round's best picture again; None: words alone do not."""
    attempt = best_of_round(state, last_round(state))
    if state.get("references") or deps.actions[state["draft"]["action"]].needs:
        return None
    return Recipe(attempt["prompt"], attempt["seed"], state["seed"], context.width, context.height)


def ending_of(
    state: RunState, number: int, generator: str, thread: str | None, recipe: Recipe | None
) -> Experience:
    """How the last round, ``number``, ended. Failures are kept as well: a record of successes alone
    would flatter every skill."""
    attempt, solved = best_of_round(state, number), all_passed(state, number)
    draft = state["drafts"][number - 1]
    prompt = draft.get("written", attempt["prompt"])
    _, failed, _ = split(state, attempt)
    return Experience(
        text=limit_words(
            f"{'Everything' if solved else 'Not everything'} came out right from: {prompt}"
        ),
        prompt=request_of(state),
        thread=thread or f"unnamed-{state['seed']}",
        round=number,
        skill=state["skill"] or "none",
        generator=generator,
        failed=tuple(requirement["statement"] for requirement, _ in failed),
        action="end",
        next_prompt=prompt,
        gained=0,
        kinds=tuple(dict.fromkeys(requirement["kind"] for requirement, _ in failed)),
        solved=solved,
        recipe=recipe if solved else None,
    )


def all_passed(state: RunState, number: int) -> bool:
    """Whether round ``number``'s best picture passes every requirement."""
    return 0 < len(state["requirements"]) == passed_count(state, best_of_round(state, number))


def lessons_of(
    state: RunState, context: RunContext, deps: Dependencies, thread: str | None
) -> list[Experience]:
    """What the latest round teaches: the gain of the one before, and how the run ended, if it did. What
    changes a picture says nothing of how to draw one."""
    basis = state.get("basis")
    if basis and basis["edits"]:
        return []
    number, generator, learned = last_round(state), deps.generator(context).name, []
    if str(number - 1) in state["experiences"]:
        learned.append(experience_of(state, number - 1, generator, thread))
    # What nobody was paid to look at says nothing.
    looked_at = not pending(state, best_of_round(state, number))
    if looked_at and outcome_of(state, context, stopped=False) in JUDGED:
        recipe = recipe_of(state, context, deps)
        learned.append(ending_of(state, number, generator, thread, recipe))
    return learned


def make_recorder(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; joins the verifiers of a round. Memory that fails is a warning, not the run's end.

    Where judges could not be reached it stops the run, once all verdicts that could be had are kept;
    when the run goes on, the rest is asked before anything is recorded. So is what is looked at again.
    """

    async def recorder(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context, number, thread = context_of(runtime), last_round(state), thread_of(runtime)
        if (outage := deps.signals.take_outage(thread)) is not None:
            raise outage
        stopped = deps.signals.stopping(thread)
        if further_tasks(state, context, deps, stopped=stopped):
            return {}
        best = best_of_round(state, number)
        passed, total = passed_count(state, best), len(state["requirements"])
        emit(runtime, RoundJudged(event="judged", round=number, passed=passed, total=total))
        progress = summarize(state, deps)
        if not context.memory or state.get("memory_failed"):
            return progress
        learned = lessons_of(state, context, deps, thread)
        try:
            for experience in learned:
                await deps.experiences.add(experience)
        except GemsError as exc:
            return {**progress, "memory_failed": True, "warnings": [f"memory: {exc}"]}
        return progress

    return make_node(deps, "recorder", recorder)
