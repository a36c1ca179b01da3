"""What a run has to show for itself, after every round and at its end."""

from __future__ import annotations

from typing import Any, cast

from ..memory.ending import reason_of
from ..memory.ledger import (
    best_attempt,
    best_of_round,
    last_round,
    passed_count,
    question_verdicts,
    request_of,
    seconds_busy,
)
from ..memory.state import Outcome, RoundResult, RunReport, RunState, Usage
from .conversation import answer
from .dependencies import Dependencies


def round_result(state: RunState, number: int, deps: Dependencies) -> RoundResult:
    """One round as results show it: by its best candidate, the picture's path absolute."""
    attempt = best_of_round(state, number)
    return RoundResult(
        round=number,
        prompt=attempt["prompt"],
        seed=attempt["seed"],
        image=str(deps.images.path(attempt["image"])),
        verdicts=question_verdicts(state, attempt),
        experience=state["experiences"].get(str(number)),
    )


def summarize(state: RunState, deps: Dependencies) -> dict[str, Any]:
    """What a run with at least one picture has to show for itself, finished or not."""
    best = best_attempt(state)
    return {
        "image": str(deps.images.path(best["image"])),
        "best_round": best["round"],
        "passed": passed_count(state, best),
        "total": len(state["requirements"]),
        "rounds": [round_result(state, n, deps) for n in range(1, last_round(state) + 1)],
        "usage": Usage(**state["spent"], seconds=round(seconds_busy(state), 3)),
    }


def report(state: RunState, deps: Dependencies, thread: str) -> RunReport:
    """What a run has so far, with the keys of a result; ``outcome`` is None while it is under way."""
    found = RunReport(
        thread_id=thread,
        outcome=state.get("outcome"),
        prompt=state.get("prompt", ""),
        request=request_of(state) if state.get("prompt") else "",
        skill=state.get("skill"),
        image="",
        best_round=0,
        passed=0,
        total=len(state.get("requirements") or ()),
        rounds=[],
        usage=Usage(mllm_calls=0, images=0, input_tokens=0, output_tokens=0, seconds=0.0),
        warnings=list(state.get("warnings") or ()),
    )
    if earlier := state.get("earlier"):
        found["earlier"] = earlier
    if reason := state.get("reason"):
        found["reason"] = reason
    if state.get("attempts"):
        found.update(cast(RunReport, summarize(state, deps)))
    return found


def conclude(
    state: RunState, deps: Dependencies, thread: str | None, outcome: Outcome
) -> dict[str, Any]:
    """The update that ends a run with its best picture: its result and, where it was asked for in a
    conversation, the answer there. May block, as the picture's address may need a key."""
    # A thread that is used again may have failed before.
    reason = reason_of(state, outcome)
    told = {"reason": reason} if reason or "reason" in state else {}
    ended = {"thread_id": thread or "", "outcome": outcome, "request": request_of(state)}
    result = {**ended, **told, **summarize(state, deps)}
    if not state.get("asked"):
        return result
    best = best_attempt(state)["image"]
    place = deps.picture_url(best) if deps.picture_url else result["image"]
    return {**result, "messages": [answer(state["prompt"], result, place)]}
