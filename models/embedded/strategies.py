"""How the embedded agents improve a prompt, and what they write down of a round.

Strategies go from the smallest change to the largest: say it in other words, give every object a cell
of its own, draw the same layout with another seed, keep what came out right and move the rest. Which
of them is worth a picture depends on the generator, and is what experiences of earlier runs decide.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .decisions import matches
from .eye import Scene
from .failures import EMPTY, failures_in
from .layout import Solver, owners_of, run_of
from .members import base_of
from .questions import GROUND_WORDS, includes, questions_for
from .synonyms import spoken
from .wish import ObjectKind, Wish
from .world import COLOURS, LETTERS, SIZES, THINGS, article

REWORD, LAYOUT, RESAMPLE, MOVE = "other words", "name positions", "resample", "move"
"""Of the table of ``models/strategies.py``."""
NAMES = {spoken(name): name for name in (*THINGS, *LETTERS)}
ONE = re.compile(
    rf"an? (?:({'|'.join(SIZES)}) )?({'|'.join(COLOURS)}) ({'|'.join(NAMES)}) at ([a-d][1-4])"
)
"""One object of a layout: size, colour, name, cell."""
DEFAULT = ObjectKind("blue", "circle")
"""What an object is drawn as where the user left colour or name open."""

Row = Mapping[str, Any]
"""A row of the track record: ``{"skill", "right", "tried"}``, or
``{"failed", "strategy", "fixed", "tried", "broke"}``."""


def seed_of(*parts: object) -> int:
    """A number below 2**48 that follows from ``parts``, the same in every process."""
    text = "\n".join(map(str, parts)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


def is_layout(prompt: str) -> bool:
    """Whether a prompt names a cell for every object."""
    rest = ONE.sub("", prompt)
    for said in GROUND_WORDS.values():
        rest = rest.removesuffix(said)
    return bool(ONE.search(prompt)) and not re.search(r"[a-z]", rest)


def concrete(wish: Wish, owner: int, position: int) -> ObjectKind:
    """The kind an object is drawn as; an open colour or name is chosen, the same one each time."""
    kind = wish.groups[owner].kind
    taken = {group.kind for group in wish.groups}
    denied = [group.kind for group in wish.groups if group.count == 0]
    colours = list(COLOURS)
    for step in range(len(colours)):
        colour = kind.colour or colours[(position + step) % len(colours)]
        name = kind.name or THINGS[(position + step) % len(THINGS)]
        found = ObjectKind(colour, name, kind.size)
        if any(includes(no, found) for no in denied):
            continue
        if found == kind or found not in taken:
            return found
    return ObjectKind(kind.colour or DEFAULT.colour, kind.name or DEFAULT.name, kind.size)


def write_layout(wish: Wish, cells: Sequence[str], owners: Sequence[int], first: Sequence[int]) -> str:
    """The layout as a prompt; the objects in ``first``, by position, are named first."""
    order = [*first, *(i for i in range(len(owners)) if i not in set(first))]
    parts = []
    for position in order:
        kind = concrete(wish, owners[position], owners[position])
        names = str(kind.name) if kind.is_word else [spoken(str(kind.name))]
        adjectives = f"{kind.size} {kind.colour}" if kind.size else str(kind.colour)
        for name, cell in zip(names, run_of(cells[position], kind.span), strict=True):
            parts.append(f"{article(adjectives)} {adjectives} {name} at {cell}")
    return ", ".join(parts) + (f" {GROUND_WORDS[wish.ground]}" if wish.ground else "")


def layout_prompt(wish: Wish, seed: int) -> str:
    """A prompt with a cell for every object, whatever was drawn before; ``seed`` decides which
    cells."""
    solver = Solver(wish, seed)
    return write_layout(wish, solver.solve(), solver.owners, [])


def move_failed(wish: Wish, seed: int, last: str, scene: Scene) -> str:
    """The last layout with what came out right kept in place, and the rest moved and named first."""
    asked = {
        cell: ObjectKind(colour, NAMES[name], size or None)
        for size, colour, name, cell in ONE.findall(last)
    }
    right = {
        cell: kind
        for cell, kind in asked.items()
        if any(s.cell == cell and matches(s, kind) and not s.malformed for s in scene.objects)
    }
    kept: dict[int, str] = {}
    for position, owner in enumerate(owners_of(wish)):
        cell = place_kept(concrete(wish, owner, owner), right, kept.values())
        if cell is not None:
            kept[position] = cell
    solver = Solver(wish, seed, kept)
    cells = solver.solve()
    moved = [i for i in range(len(cells)) if i not in kept]
    return write_layout(wish, cells, solver.owners, moved)


def place_kept(kind: ObjectKind, right: Mapping[str, ObjectKind], taken: Collection[str]) -> str | None:
    """Where an object, or all letters of a word, came out right; None: nowhere."""
    letters = [replace(kind, name=letter) for letter in str(kind.name)] if kind.is_word else [kind]
    for cell in right:
        run = run_of(cell, kind.span)
        if run and cell not in taken and [right.get(c) for c in run] == letters:
            return cell
    return None


def reword(wish: Wish, failed: Sequence[str]) -> str:
    """The wish said again: numbers as digits, what failed first, relations in a clause of their own."""
    order = sorted(
        range(len(wish.groups)),
        key=lambda i: not any(wish.groups[i].kind.words(1) in text for text in failed),
    )
    parts = []
    for index in order:
        group = wish.groups[index]
        if group.count == 0:
            continue
        places = [place for owner, place in wish.places if owner == index]
        places += [f"in a {line.name}" for line in wish.lines if line.groups[-1] == index]
        parts.append(" ".join([str(group.count), group.kind.words(group.count), *places]))
    for relation in wish.relations:
        named = [wish.groups[i] for i in (relation.subject, *relation.objects)]
        subject, *others = (f"the {group.kind.words(group.count)}" for group in named)
        parts.append(f"{subject} {base_of(relation.name)} {' and '.join(others)}")
    return ", ".join(parts) + (f" {GROUND_WORDS[wish.ground]}" if wish.ground else "")


def chance(solved: int, tried: int) -> float:
    """The rule of succession (Laplace): what was never tried has an even chance."""
    return (solved + 1) / (tried + 2)


def strategy_chances(
    record: Sequence[Row], kinds: Collection[str], lessons: Sequence[Row] = ()
) -> dict[str, float]:
    """How likely each strategy puts right what failed of these kinds (of any, where the track record
    knows none of them), and what ``lessons`` say of it. What it broke counts as one more that it did
    not put right."""
    found = [row for row in record if "strategy" in row]
    fitting = [row for row in found if row["failed"] in kinds] or found
    counts: dict[str, Counter[str]] = {}
    for row in (*fitting, *lessons):
        name = counts.setdefault(row["strategy"], Counter())
        name.update(fixed=row["fixed"], tried=row["tried"] + row["broke"])
    return {name: chance(count["fixed"], count["tried"]) for name, count in counts.items()}


def lessons_on(recalled: Sequence[Row], failures: Collection[str]) -> list[Row]:
    """What the texts of similar requests' experiences say of these kinds of failure, a row of a track
    record each: the strategy that followed, and whether it brought anything. A text that is none of the
    compressor's says nothing."""
    rows: list[Row] = []
    for row in recalled:
        said = LESSON.match(row.get("lesson", ""))
        if said and "strategy" in row and not {*said[1].split(", ")}.isdisjoint(failures):
            fixed = int(worked(row) or row["gained"] > 0)
            rows.append({"strategy": row["strategy"], "fixed": fixed, "tried": 1, "broke": 0})
    return rows


def skill_chances(record: Sequence[Row]) -> dict[str, float]:
    """How likely the first picture is right with each skill."""
    return {row["skill"]: chance(row["right"], row["tried"]) for row in record if "skill" in row}


def layouts_worked(recalled: Sequence[Row]) -> bool:
    """Whether most of the examples in which everything came out right were layouts in the end."""
    right = [row.get("next_prompt") or row.get("prompt") or "" for row in recalled if worked(row)]
    return 2 * sum(map(is_layout, right)) > len(right)


def worked(row: Row) -> bool:
    """Whether everything passed after an example's prompt."""
    return bool(row.get("then_passed_everything")) or row.get("outcome") == "passed everything"


def likeliest(options: Sequence[str], chances: Mapping[str, float]) -> str:
    """The option with the best chance; of equals, the first."""
    return max(options, key=lambda name: chances.get(name, chance(0, 0)))


def next_strategy(
    attempts: Sequence[Mapping[str, Any]],
    record: Sequence[Row],
    sees: bool,
    lessons: Sequence[Row] = (),
) -> str:
    """What to do about the last attempt: what experience gives the best chance.

    Without experience the smallest change comes first: say it again in other words. Where that was
    tried, every object gets a cell. A layout that nearly works is drawn again, then changed where
    it failed.
    """
    last = attempts[-1]
    kinds = {item.get("kind", "") for item in last["failed"]}
    chances = strategy_chances(record, kinds, lessons)
    if not is_layout(last["prompt"]):
        return likeliest([REWORD, LAYOUT], chances) if len(attempts) == 1 else LAYOUT
    options = [RESAMPLE] if repeats(attempts) == 1 and len(last["failed"]) <= 2 else []
    return likeliest([*options, MOVE if sees else LAYOUT], chances)


REASONS = {
    REWORD: "the same in other words, what failed first",
    LAYOUT: "words failed: every object gets a cell of its own",
    RESAMPLE: "the layout is nearly obeyed: the same one with another seed",
    MOVE: "what came out right stays in its cell, the rest moves and is named first",
}


def refine(fields: Mapping[str, Any], wish: Wish, scene: Scene | None) -> dict[str, Any]:
    """The refiner's answer: the likeliest strategy, carried out."""
    attempts = fields["attempts"]
    last = attempts[-1]["prompt"]
    lessons = lessons_on(fields["recalled"], failures_of(wish, attempts[-1]["failed"], scene))
    strategy = next_strategy(attempts, fields["track_record"], scene is not None, lessons)
    answer = {
        "action": "rewrite",
        "prompt": "",
        "strategy": strategy,
        "reasoning": REASONS[strategy],
        "covers": [],
    }
    if strategy == RESAMPLE:
        return {**answer, "action": "resample"}
    seed = seed_of(fields["prompt"], len(attempts), last)
    if strategy == REWORD:
        prompt = reword(wish, [item["statement"] for item in attempts[-1]["failed"]])
    elif strategy == LAYOUT:
        prompt = layout_prompt(wish, seed)
    else:
        prompt = move_failed(wish, seed, last, scene or EMPTY)
    covers = [{"number": item["number"], "quote": prompt} for item in fields["requirements"]]
    return {**answer, "prompt": prompt, "covers": covers}


def failures_of(wish: Wish, failed: Sequence[Mapping[str, Any]], scene: Scene | None) -> list[str]:
    """The kinds of failure among the requirements that failed, by their statements."""
    questions = {item["statement"]: item["question"] for item in questions_for(wish)}
    known = [questions[item["statement"]] for item in failed if item["statement"] in questions]
    return failures_in([{"question": question} for question in known], scene)


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
    "misspelt": "Next: name a cell for every letter, one by one, beside each other.",
    "wrong size": "Next: say the size of every object, each with its own cell.",
}
"""What to do about a failure of a plain wording."""
WORDINGS = {False: "In plain words", True: "With a cell named for every object"}
LESSON = re.compile(rf"(?:{'|'.join(WORDINGS.values())}): ([a-z ]+(?:, [a-z ]+)*)\. ")
"""How an experience begins: the wording, and the kinds of failure that came of it."""
LAYOUT_ADVICE = "Next: keep what is right where it stands and move the rest, or draw it again."
"""The same for any failure of a layout."""


def compress(fields: Mapping[str, Any], scene: Scene | None) -> str:
    """The compressor's experience: the wording, the kinds of failure, what failed, what to do."""
    layout = is_layout(fields["prompt"])
    wording = WORDINGS[layout]
    names = failures_in(fields["failed"], scene)
    failed = "; ".join(f"{f['statement']} ({f['reason']})" for f in fields["failed"])
    right = ", ".join(fields["passed"]) or "nothing"
    plain = next((ADVICE[name] for name in names if name in ADVICE), ADVICE["too few"])
    return (
        f"{wording}: {', '.join(names) or 'nothing wrong'}. {LAYOUT_ADVICE if layout else plain} "
        f"Failed: {failed or 'nothing'}. Right: {right}."
    )
