"""Questions that can be asked of the facts: which attempt is best, what is left, is it over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .state import (
    Attempt,
    AttemptRef,
    Cause,
    Judged,
    QuestionVerdict,
    Requirement,
    RunState,
    Verdict,
)

NOT_ASKED = Verdict(value="not_judged", reason="was not asked", cause="unasked")
GATE_PASSED = 0.25
"""The least credit of what failed on something that is there, beside what fails with its thing."""


class Limits(Protocol):
    """The options that end a run; ``RunContext`` has them."""

    @property
    def rounds(self) -> int:
        """At most this many rounds, one or more."""
        ...

    @property
    def max_images(self) -> int | None:
        """Pictures a run may draw; None: as many as its rounds need."""
        ...

    @property
    def max_mllm_calls(self) -> int | None:
        """Requests to the MLLM, retries and repairs included; None: no limit."""
        ...

    @property
    def max_seconds(self) -> float | None:
        """Seconds at work, pauses not counted; None: no limit."""
        ...

    @property
    def max_cost(self) -> float | None:
        """Money; None: no limit."""
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


def request_of(state: RunState) -> str:
    """What is drawn, in full: the prompt, with whatever else a person said of it."""
    return state.get("request") or state["prompt"]


def raw_verdict(state: RunState, attempt: Attempt, requirement: Requirement) -> Verdict:
    """What the judges said, dependencies aside; not judged where nobody was asked."""
    key = f"{attempt['round']}.{attempt['candidate']}.{requirement['id']}"
    return state["verdicts"].get(key, NOT_ASKED)


def parents_of(requirement: Requirement) -> list[str]:
    """The ids of what ``requirement`` depends on; older versions knew one at most."""
    parent = requirement.get("parent")
    return [*requirement.get("parents", [])] or ([parent] if parent else [])


def ancestors(state: RunState, requirement: Requirement) -> list[Requirement]:
    """All that ``requirement`` depends on, the nearest first."""
    by_id = {r["id"]: r for r in state["requirements"]}
    waiting, found = parents_of(requirement), dict[str, Requirement]()
    while waiting:
        key = waiting.pop(0)
        if key in by_id and key not in found:
            found[key] = by_id[key]
            waiting += parents_of(by_id[key])
    return list(found.values())


def verdict_on(state: RunState, attempt: Attempt, requirement: Requirement) -> Verdict:
    """The verdict that counts: void, so not judged, where a requirement it depends on failed."""
    for parent in ancestors(state, requirement):
        if raw_verdict(state, attempt, parent)["value"] == "fail":
            reason = f"void: it waits for {parent['question']!r}, which failed"
            return Verdict(value="not_judged", reason=reason, cause="void")
    return raw_verdict(state, attempt, requirement)


def cause_of(verdict: Verdict) -> Cause | None:
    """Why a requirement is not judged; None: it is."""
    return verdict.get("cause", "unclear") if verdict["value"] == "not_judged" else None


def split(state: RunState, attempt: Attempt) -> tuple[list[Requirement], list[Judged], list[Judged]]:
    """An attempt's requirements as (passed, failed with verdict, not judged with verdict)."""
    passed, failed, unjudged = list[Requirement](), list[Judged](), list[Judged]()
    for requirement in state["requirements"]:
        verdict = verdict_on(state, attempt, requirement)
        if verdict["value"] == "pass":
            passed.append(requirement)
        elif verdict["value"] == "fail":
            failed.append((requirement, verdict))
        else:
            unjudged.append((requirement, verdict))
    return passed, failed, unjudged


def passed_count(state: RunState, attempt: Attempt) -> int:
    """How many requirements the attempt passes; void and unclear ones are not passed."""
    return len(split(state, attempt)[0])


def partial_credit(requirement: Requirement, verdict: Verdict) -> float:
    """How much of a requirement that does not pass is met, 0..1, as far as facts say: half where nobody
    could tell; of a failure what the judge measured, or that its thing is there at least. A doubtful
    verdict earns nothing: luck would make the later of two equal pictures the better one."""
    if verdict["value"] == "fail":
        return max(verdict.get("credit", 0.0), GATE_PASSED if parents_of(requirement) else 0.0)
    return 0.5 if cause_of(verdict) == "unclear" else 0.0


class Standing(NamedTuple):
    """What is known of an attempt; of two the greater is the better picture."""

    passed: int
    failed: int
    """Below zero: what is known not to be met, void requirements with the failed ones."""
    credit: float
    """Of all that does not pass, together; to a tenth, lest a hair decides."""


def standing(state: RunState, attempt: Attempt) -> Standing:
    """How good an attempt is: by what passes, then by what fails, then by partial credit."""
    passed, failed, unjudged = split(state, attempt)
    void = sum(cause_of(verdict) == "void" for _, verdict in unjudged)
    credit = sum(partial_credit(*judged) for judged in [*failed, *unjudged])
    return Standing(len(passed), -len(failed) - void, round(credit, 1))


def best_of(state: RunState, attempts: Sequence[Attempt]) -> Attempt:
    """The attempt with the best standing; of equals, the earliest."""
    return max(attempts, key=lambda a: (standing(state, a), -a["round"], -a["candidate"]))


def best_attempt(state: RunState) -> Attempt:
    """The best of the run so far, which has drawn something; what a person took is."""
    for review in (state.get("reviews") or [])[-1:]:
        if review["decision"] == "take" and review["round"] == last_round(state):
            return best_of_round(state, review["round"])
    return best_of(state, state["attempts"])


def last_attempt(state: RunState) -> Attempt:
    """The best candidate of the latest round, of which there is one."""
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
    """The candidates of one round, from 1; none where it drew nothing yet."""
    return [attempt for attempt in state["attempts"] if attempt["round"] == number]


def pending(state: RunState, attempt: Attempt) -> list[Requirement]:
    """What could not be asked of an attempt, because no judge could be reached."""
    return [r for r in state["requirements"] if raw_verdict(state, attempt, r).get("pending")]


def best_of_round(state: RunState, number: int) -> Attempt:
    """The best candidate of a round that drew something."""
    return best_of(state, of_round(state, number))


def last_round(state: RunState) -> int:
    """The number of the latest round that drew something; 0: none yet."""
    return state["attempts"][-1]["round"] if state["attempts"] else 0


def question_verdicts(state: RunState, attempt: Attempt) -> list[QuestionVerdict]:
    """Every requirement's question with the verdict that counts, in the decomposer's order."""
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


def cost_so_far(state: RunState) -> float | None:
    """What the run has cost, in money; None: that is not known."""
    return state["spent"].get("cost")


def is_out_of_money(state: RunState, limits: Limits) -> bool:
    """Whether nothing may be paid any more."""
    most = limits.max_cost
    return bool(state.get("exhausted")) or (
        most is not None and state["spent"].get("cost", 0.0) >= most
    )


def over_budget(state: RunState, limits: Limits, calls_needed: int = 1) -> bool:
    """Whether another step would go beyond a budget."""
    spent = state["spent"]
    if is_out_of_money(state, limits):
        return True
    if limits.max_images is not None and spent["images"] >= limits.max_images:
        return True
    left = None if limits.max_mllm_calls is None else limits.max_mllm_calls - spent["mllm_calls"]
    if left is not None and left < calls_needed:
        return True
    return limits.max_seconds is not None and seconds_busy(state) >= limits.max_seconds


def pictures_in(facts: Mapping[str, Any]) -> list[str]:
    """The hashes of the pictures that a run's facts refer to, each once."""
    refs = [attempt["image"] for attempt in facts.get("attempts") or ()]
    refs += [*(facts.get("references") or ()), *from_basis(facts)]
    earlier = [sha256 for turn in facts.get("turns") or () for sha256 in pictures_in(turn)]
    return list(dict.fromkeys([*(ref["sha256"] for ref in refs), *earlier]))


def from_basis(facts: Mapping[str, Any]) -> list[Any]:
    """The picture that a follow-up goes out from, if it is one."""
    basis = facts.get("basis")
    return [basis["image"]] if basis else []
