"""What several looks at one requirement come to, and when another one is worth its price."""

from __future__ import annotations

from .judge import Verdict, VerdictValue

SURE = 0.9
"""A verdict with this confidence is not asked for again."""
LOOKS = 3
"""At most so many looks at one requirement; a majority of them needs no more."""


def votes_of(verdict: Verdict) -> list[VerdictValue]:
    """What was said in each look, in order."""
    return verdict.get("votes") or [verdict["value"]]


def differs(verdict: Verdict) -> bool:
    """Whether the first two looks came to opposite verdicts."""
    return set(votes_of(verdict)[:2]) == {"pass", "fail"}


def is_open(verdict: Verdict, most: int = LOOKS) -> bool:
    """Whether another look would tell something: the first verdict is not sure, or the looks so far
    have no majority of ``most``. What nobody could tell is left be."""
    votes = votes_of(verdict)
    if len(votes) == 1:
        return verdict["value"] != "not_judged" and verdict.get("confidence", 0.0) < SURE
    passes, fails = votes.count("pass"), votes.count("fail")
    return len(votes) < most and min(passes, fails) > 0 and max(passes, fails) <= most // 2


def joined(earlier: Verdict, again: Verdict) -> Verdict:
    """The verdict after another look: the majority's, with the votes' share as its confidence. Where
    they are even it is unclear."""
    votes: list[VerdictValue] = [*votes_of(earlier), again["value"]]
    passes, fails = votes.count("pass"), votes.count("fail")
    if not passes and not fails:
        return {**earlier, "votes": votes}
    if passes == fails:
        reason = "; ".join(f"{v['value']}: {v['reason']}" for v in (earlier, again))
        even = Verdict(value="not_judged", reason=f"looks differ ({reason})", cause="unclear")
        return {**even, "votes": votes}
    value: VerdictValue = "pass" if passes > fails else "fail"
    said = again if again["value"] == value else earlier
    verdict: Verdict = {**said, "value": value, "votes": votes}
    verdict["confidence"] = max(passes, fails) / len(votes)
    verdict.pop("cause", None)
    return verdict
