"""Names what went wrong in a picture, by kind of failure: what a lesson is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...errors import NotInWorldError
from .decisions import candidates, found_of, matches, might_match
from .eye import Scene, Seen
from .questions import (
    Check,
    ColourCheck,
    CountCheck,
    GroundCheck,
    LineCheck,
    RelationCheck,
    parse_question,
)
from .wish import ObjectKind
from .world import PLAIN

EMPTY = Scene(PLAIN, ())


def name_failure(check: Check, scene: Scene) -> str:
    """The kind of failure that makes the answer to ``check`` no."""
    if isinstance(check, ColourCheck):
        return "wrong colour"
    if isinstance(check, GroundCheck):
        return "wrong ground"
    if isinstance(check, RelationCheck | LineCheck):
        kinds = check.kinds if isinstance(check, LineCheck) else (check.subject, *check.objects)
        missing = any(not found_of(kind, scene) for kind in kinds)
        return "missing" if missing else "wrong side"
    return name_count(check, scene)


def name_count(check: CountCheck, scene: Scene) -> str:
    """Malformed, too many, in the wrong place, misspelt, of the wrong size, swapped (the thing is there
    in another colour, or the colour on another thing), or too few."""
    seen = candidates(check.kind, scene)
    found = [s for s in seen if matches(s, check.kind) and not s.malformed]
    if any(might_match(s, check.kind) for s in seen):
        return "malformed"
    if len(found) > check.count:
        return "too many"
    if check.place is not None and len(found) == check.count:
        return "wrong place"
    if check.kind.is_word and scene.words and check.kind.name not in {s.kind for s in scene.words}:
        return "misspelt"
    other_size = replace(check.kind, size=None)
    if check.kind.size and any(matches(s, other_size) for s in seen if s not in found):
        return "wrong size"
    return "swapped" if any(resembles(s, check.kind) for s in seen) else "too few"


def resembles(seen: Seen, kind: ObjectKind) -> bool:
    """Whether an object has the colour or the name of a kind that has both, and not the other."""
    if kind.colour is None or kind.name is None:
        return False
    return (seen.colour == kind.colour) != (seen.kind == kind.name)


def failures_in(failed: Sequence[Mapping[str, Any]], scene: Scene | None) -> list[str]:
    """The kinds of failure among ``failed`` requirements, each once, in order."""
    names = []
    for item in failed:
        try:
            names.append(name_failure(parse_question(item["question"]), scene or EMPTY))
        except NotInWorldError:
            names.append("unknown")
    return list(dict.fromkeys(names))
