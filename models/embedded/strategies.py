"""How the embedded agents improve a prompt, and what they write down of a round.

The generator counts badly and obeys cells well. So where a plain wording fails, every object gets a
cell of its own (``layout``); where a layout fails, what came out right stays and the rest moves
(``move``), or the same layout is drawn with another seed (``resample``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .eye import Seen
from .failures import failures_in
from .judge import matches
from .layout import Solver
from .wish import Kind, Wish
from .world import COLOURS, SHAPES, article

ONE = re.compile(rf"an? ({'|'.join(COLOURS)}) ({'|'.join(SHAPES)}) at ([a-d][1-4])")
DEFAULT = Kind("blue", "circle")
"""What an object is drawn as where the user left colour or shape open."""


def seed_of(*parts: object) -> int:
    """A number that follows from ``parts``."""
    text = "\n".join(map(str, parts)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


def is_layout(prompt: str) -> bool:
    """Whether a prompt names a cell for every object."""
    rest = ONE.sub("", prompt)
    return bool(ONE.search(prompt)) and not re.search(r"[a-z]", rest)


def concrete(wish: Wish, owner: int, position: int) -> Kind:
    """The kind an object is drawn as; an open colour or shape is chosen, the same one each time."""
    kind = wish.groups[owner].kind
    taken = {group.kind for group in wish.groups}
    colours, shapes = list(COLOURS), list(SHAPES)
    for step in range(len(colours)):
        colour = kind.colour or colours[(position + step) % len(colours)]
        shape = kind.shape or shapes[(position + step) % len(shapes)]
        if Kind(colour, shape) == kind or Kind(colour, shape) not in taken:
            return Kind(colour, shape)
    return Kind(kind.colour or DEFAULT.colour, kind.shape or DEFAULT.shape)


def write_layout(wish: Wish, cells: Sequence[str], owners: Sequence[int], first: Sequence[int]) -> str:
    """The layout as a prompt; the objects in ``first``, by position, are named first."""
    order = [*first, *(i for i in range(len(owners)) if i not in set(first))]
    parts = []
    for position in order:
        kind = concrete(wish, owners[position], owners[position])
        colour = str(kind.colour)
        parts.append(f"{article(colour)} {colour} {kind.shape} at {cells[position]}")
    return ", ".join(parts)


def lay_out(wish: Wish, seed: int) -> str:
    """A layout from nothing."""
    solver = Solver(wish, seed)
    return write_layout(wish, solver.solve(), solver.owners, [])


def move_failed(wish: Wish, seed: int, last: str, seen: Sequence[Seen]) -> str:
    """The last layout with what came out right kept in place, and the rest moved and named first."""
    asked = {cell: Kind(colour, shape) for colour, shape, cell in ONE.findall(last)}
    right = {
        cell: kind
        for cell, kind in asked.items()
        if any(s.cell == cell and matches(s, kind) and not s.malformed for s in seen)
    }
    fresh = Solver(wish, seed)
    kept: dict[int, str] = {}
    for position, owner in enumerate(fresh.owners):
        kind = concrete(wish, owner, owner)
        cell = next((c for c, k in right.items() if k == kind and c not in kept.values()), None)
        if cell is not None:
            kept[position] = cell
    # Cells that failed are not tried again while there are others.
    solver = Solver(wish, seed, kept)
    cells = solver.solve()
    moved = [i for i in range(len(cells)) if i not in kept]
    return write_layout(wish, cells, solver.owners, moved)


def layouts_helped(recalled: Sequence[str]) -> bool:
    """Whether experiences of earlier runs say that naming cells put counts right."""
    worth = 0
    for line in recalled:
        match = re.search(r"then: rewrite to: (.*?) \| gained: ([+-]\d+)", line)
        if match and is_layout(match[1]):
            worth += int(match[2])
    return worth > 0


def refine(fields: Mapping[str, Any], wish: Wish, seen: Sequence[Seen] | None) -> dict[str, Any]:
    """The refiner's answer."""
    attempts = fields["attempts"]
    last = attempts[-1]["prompt"]
    seed = seed_of(fields["prompt"], len(attempts), last)
    failed = [item["statement"] for item in attempts[-1]["failed"]]
    if not is_layout(last):
        prompt, why = lay_out(wish, seed), "plain words failed: every object gets a cell of its own"
    elif repeats(attempts) == 1 and len(failed) <= 2:
        return {
            "action": "resample",
            "prompt": "",
            "reasoning": "the layout is nearly obeyed: the same one with another seed",
            "covers": [],
        }
    elif seen is None:
        prompt, why = lay_out(wish, seed), "another arrangement of the same objects"
    else:
        prompt = move_failed(wish, seed, last, seen)
        why = "what came out right stays in its cell, the rest moves and is named first"
    return {
        "action": "rewrite",
        "prompt": prompt,
        "reasoning": why,
        "covers": [{"number": item["number"], "quote": prompt} for item in fields["requirements"]],
    }


def repeats(attempts: Sequence[Mapping[str, Any]]) -> int:
    """How many of the latest attempts drew the same prompt."""
    last = attempts[-1]["prompt"]
    count = 0
    for attempt in reversed(attempts):
        if attempt["prompt"] != last:
            break
        count += 1
    return count


ADVICE = {
    "too many": "Next: name a cell for every object, one by one, so that none is added.",
    "too few": "Next: name a cell for every object, one by one, so that none is left out.",
    "swapped": "Next: give every object its own colour, shape and cell, one by one.",
    "wrong side": "Next: name cells that stand in the relation.",
    "wrong place": "Next: name the cell itself instead of the place.",
}
"""What to do about a failure of a plain wording."""
LAID_OUT = "Next: keep what is right where it stands and move the rest, or draw it again."


def compress(fields: Mapping[str, Any], seen: Sequence[Seen] | None) -> str:
    """The compressor's experience: the wording, the kinds of failure, what failed, what to do."""
    layout = is_layout(fields["prompt"])
    wording = "With a cell named for every object" if layout else "In plain words"
    names = failures_in(fields["failed"], seen)
    failed = "; ".join(f"{f['statement']} ({f['reason']})" for f in fields["failed"])
    right = ", ".join(fields["passed"]) or "nothing"
    plain = next((ADVICE[name] for name in names if name in ADVICE), ADVICE["too few"])
    return (
        f"{wording}: {', '.join(names) or 'nothing wrong'}. {LAID_OUT if layout else plain} "
        f"Failed: {failed or 'nothing'}. Right: {right}."
    )
