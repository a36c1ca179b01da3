"""Names what went wrong in a picture, by kind of failure: what a lesson is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import NotInWorldError
from .decisions import matches, might_match
from .eye import Seen
from .questions import Check, ColourCheck, CountCheck, LineCheck, RelationCheck, parse_question
from .wish import ObjectKind


def name_failure(check: Check, seen: Sequence[Seen]) -> str:
    """The kind of failure that makes the answer to ``check`` no."""
    if isinstance(check, ColourCheck):
        return "wrong colour"
    if isinstance(check, RelationCheck | LineCheck):
        kinds = check.kinds if isinstance(check, LineCheck) else (check.subject, *check.objects)
        missing = any(not any(matches(s, kind) for s in seen) for kind in kinds)
        return "missing" if missing else "wrong side"
    return name_count(check, seen)


def name_count(check: CountCheck, seen: Sequence[Seen]) -> str:
    """Malformed, too many, swapped (the shape is there in another colour, or the colour in another
    shape), in the wrong place, or too few."""
    found = [s for s in seen if matches(s, check.kind) and not s.malformed]
    if any(might_match(s, check.kind) for s in seen):
        return "malformed"
    if len(found) > check.count:
        return "too many"
    if check.place is not None and len(found) == check.count:
        return "wrong place"
    return "swapped" if any(resembles(s, check.kind) for s in seen) else "too few"


def resembles(seen: Seen, kind: ObjectKind) -> bool:
    """Whether an object has the colour or the shape of a kind that names both, and not the other."""
    if kind.colour is None or kind.shape is None:
        return False
    return (seen.colour == kind.colour) != (seen.shape == kind.shape)


def failures_in(failed: Sequence[Mapping[str, Any]], seen: Sequence[Seen] | None) -> list[str]:
    """The kinds of failure among ``failed`` requirements, each once, in order."""
    names = []
    for item in failed:
        try:
            names.append(name_failure(parse_question(item["question"]), seen or ()))
        except NotInWorldError:
            names.append("unknown")
    return list(dict.fromkeys(names))
