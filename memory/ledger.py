"""Questions that can be asked of the facts: which attempt is best, what is left, is it over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from .state import Attempt, AttemptRef, Outcome, QuestionVerdict, Requirement, RunState, Verdict

NOT_ASKED = Verdict(value="not_judged", reason="was not asked")


class Limits(Protocol):
    """The options that end a run."""

    @property
    def rounds(self) -> int:
        """See ``RunContext``."""
        ...

    @property
    def max_images(self) -> int | None:
        """See ``RunContext``."""
        ...

    @property
    def max_mllm_calls(self) -> int | None:
        """See ``RunContext``."""
        ...

    @property
    def max_seconds(self) -> float | None:
        """See ``RunContext``."""
        ...


def seed_for(run_seed: int, round_number: int, candidate: int, again: int = 0) -> int:
    """The seed of one picture, below 2**31 for every backend's sake; ``again`` counts the seeds that
    were tried for it in vain.

    The first picture of a run has the run's own seed (modulo 2**31), so that seed 7 shows what the
    bare generator draws with seed 7; the others follow by a hash.
    """
    if round_number == 1 and candidate == 0 and not again:
        return run_seed % 2**31
    text = f"{run_seed}/{round_number}/{candidate}{f'/{again}' if again else ''}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big") % 2**31


def raw_verdict(state: RunState, attempt: Attempt, requirement: Requirement) -> Verdict:
    """What the verifier said, dependencies aside."""
    key = f"{attempt['round']}.{attempt['candidate']}.{requirement['id']}"
    return state["verdicts"].get(key, NOT_ASKED)


def verdict_on(state: RunState, attempt: Attempt, requirement: Requirement) -> Verdict:
    """The verdict that counts: void, so not judged, where a requirement it depends on failed."""
    by_id = {r["id"]: r for r in state["requirements"]}
    parent = by_id.get(requirement["parent"] or "")
    while parent is not None:
        if raw_verdict(state, attempt, parent)["value"] == "fail":
            return Verdict(value="not_judged", reason=f"void: {parent['question']} failed")
        parent = by_id.get(parent["parent"] or "")
    return raw_verdict(state, attempt, requirement)


def split(
    state: RunState, attempt: Attempt
) -> tuple[list[Requirement], list[tuple[Requirement, Verdict]], list[Requirement]]:
    """An attempt's requirements as (passed, failed with verdict, not judged)."""
    passed, failed, unjudged = [], [], []
    for requirement in state["requirements"]:
        verdict = verdict_on(state, attempt, requirement)
        if verdict["value"] == "pass":
            passed.append(requirement)
        elif verdict["value"] == "fail":
            failed.append((requirement, verdict))
        else:
            unjudged.append(requirement)
    return passed, failed, unjudged


def passed_count(state: RunState, attempt: Attempt) -> int:
    """How many requirements the attempt passes."""
    return len(split(state, attempt)[0])


def best_of(state: RunState, attempts: Sequence[Attempt]) -> Attempt:
    """The attempt with most passed requirements; of equals, the earliest."""
    return max(attempts, key=lambda a: (passed_count(state, a), -a["round"], -a["candidate"]))


def best_attempt(state: RunState) -> Attempt:
    """The best of the run so far."""
    return best_of(state, state["attempts"])


def last_attempt(state: RunState) -> Attempt:
    """The latest round's best candidate."""
    return best_of_round(state, last_round(state))


def attempt_at(state: RunState, ref: AttemptRef) -> Attempt:
    """The attempt that ``ref`` names.

    Raises:
        KeyError: there is none.
    """
    for attempt in of_round(state, ref["round"]):
        if attempt["candidate"] == ref["candidate"]:
            return attempt
    raise KeyError(f"no attempt {ref}")


def of_round(state: RunState, number: int) -> list[Attempt]:
    """The candidates of one round."""
    return [attempt for attempt in state["attempts"] if attempt["round"] == number]


def pending(state: RunState, attempt: Attempt) -> list[Requirement]:
    """What could not be asked of an attempt, because no judge could be reached."""
    return [r for r in state["requirements"] if raw_verdict(state, attempt, r).get("pending")]


def must_ask_again(state: RunState, limits: Limits, stopped: bool) -> bool:
    """Whether the latest round waits for verdicts that can still be had."""
    waits = any(pending(state, attempt) for attempt in of_round(state, last_round(state)))
    return waits and not stopped and not over_budget(state, limits)


def best_of_round(state: RunState, number: int) -> Attempt:
    """The best candidate of one round."""
    return best_of(state, of_round(state, number))


def last_round(state: RunState) -> int:
    """The number of the latest round that drew something; 0: none yet."""
    return state["attempts"][-1]["round"] if state["attempts"] else 0


def question_verdicts(state: RunState, attempt: Attempt) -> list[QuestionVerdict]:
    """Every requirement with what became of it."""
    return [
        QuestionVerdict(
            question=requirement["question"],
            verdict=verdict_on(state, attempt, requirement)["value"],
        )
        for requirement in state["requirements"]
    ]


def seconds_busy(state: RunState) -> float:
    """Seconds in which the run was at work, crashes and pauses not counted."""
    return sum(end - start for start, end in state.get("busy", []))


def over_budget(state: RunState, limits: Limits, calls_needed: int = 1) -> bool:
    """Whether another step would go beyond a budget."""
    spent = state["spent"]
    if limits.max_images is not None and spent["images"] >= limits.max_images:
        return True
    left = None if limits.max_mllm_calls is None else limits.max_mllm_calls - spent["mllm_calls"]
    if left is not None and left < calls_needed:
        return True
    return limits.max_seconds is not None and seconds_busy(state) >= limits.max_seconds


def outcome_of(state: RunState, limits: Limits, stopped: bool) -> Outcome | None:
    """How the run ends after its latest picture has been looked at; None: it goes on.

    Three calls are the least another round needs: compressor, refiner, one question.
    """
    if not state["requirements"]:
        return "cancelled" if stopped and not state["attempts"] else "unverified"
    _, failed, unjudged = split(state, best_of_round(state, last_round(state)))
    if not failed and not unjudged:
        return "all_passed"
    if state.get("failure"):
        return "failed"
    if stopped:
        return "cancelled"
    if over_budget(state, limits, calls_needed=3):
        return "budget"
    if not failed:
        return "unverified"
    return "max_rounds" if last_round(state) >= limits.rounds else None
