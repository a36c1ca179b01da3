"""The training stream of the embedded world: endless scenes, and captions mostly true of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..models.embedded.synonyms import plural
from ..models.embedded.world import (
    CELLS,
    COLOURS,
    GROUNDS,
    LETTERS,
    MAX_OBJECTS,
    PLAIN,
    THINGS,
    Item,
    held_out,
)
from .groups import Group, Rng, new_group, new_groups, pick, split
from .relations import relation
from .samples import LINES, Rule, Sample, listed, merged, scatter, turned

PLACES: dict[str, tuple[str, ...]] = {
    "in the top left corner": ("a1",),
    "in the top right corner": ("d1",),
    "in the bottom left corner": ("a4",),
    "in the bottom right corner": ("d4",),
    "in the middle": ("b2", "c2", "b3", "c3"),
    "at the top": ("a1", "b1", "c1", "d1"),
    "at the bottom": ("a4", "b4", "c4", "d4"),
    "on the left": ("a1", "a2", "a3", "a4"),
    "on the right": ("d1", "d2", "d3", "d4"),
}
CORNERS = ("a1", "d1", "a4", "d4")
GROUND_WORDS = {
    "day": ("by day", "in the sky"),
    "meadow": ("on a meadow", "on the grass"),
    "night": ("at night", "in the dark"),
}
GROUND_SHARE = 0.2
WITHOUT_SHARE = 0.04


def layout(rng: Rng, most: int) -> Sample:
    """Every object with its cell: "a red cat at b2, a blue dog at c3"."""
    groups = new_groups_one_each(rng, int(rng.integers(1, most + 1)))
    scatter(rng, groups)
    start = "a " if rng.random() < 0.5 else ""
    text = ", ".join(f"{start}{group.name()} at {group.cells[0]}" for group in groups)
    wanted = {group.cells[0]: group for group in groups}

    def rule(items: Sequence[Item]) -> bool:
        return all(i.cell in wanted and wanted[i.cell].is_one(i) for i in items)

    return Sample(text, merged(groups), [rule])


def new_groups_one_each(rng: Rng, number: int) -> list[Group]:
    """Single objects, often several of the same kind."""
    different = new_groups(rng, [1] * int(rng.integers(1, number + 1)), open_colour=0.0)
    groups = list(different)
    while len(groups) < number:
        twin = different[int(rng.integers(len(different)))]
        groups.append(Group(1, twin.colour, twin.kind, twin.size, True, twin.says_size))
    return [groups[int(i)] for i in rng.permutation(number)]


def count(rng: Rng, most: int) -> Sample:
    """Numbers and kinds only: "three purple cats and a yellow star"."""
    total = int(rng.integers(1, most + 1))
    parts = min(total, int(rng.choice([1, 2, 3, 4], p=[0.4, 0.4, 0.15, 0.05])))
    groups = new_groups(rng, split(rng, total, parts))
    scatter(rng, groups)
    return Sample(listed([group.words(rng) for group in groups]), groups, [])


def place(rng: Rng, most: int) -> Sample:
    """A group with a place in plain words, and perhaps others: "two stars at the top and a red dog"."""
    name = pick(rng, tuple(PLACES))
    area = PLACES[name]
    number = int(rng.integers(1, min(most, len(area), 4) + 1))
    others = int(rng.integers(0, max(1, min(4, most - number + 1))))
    numbers = [number, *(split(rng, others, min(others, 2)) if others else [])]
    groups = new_groups(rng, numbers)
    groups[0].cells = rng.permutation(area).tolist()[:number]
    scatter(rng, groups)
    text = listed([f"{groups[0].words(rng)} {name}", *(group.words(rng) for group in groups[1:])])
    return Sample(text, groups, [inside(groups[0], area)])


def inside(group: Group, area: Sequence[str]) -> Rule:
    """All of a group stand in ``area``."""
    return lambda items: all(item.cell in area for item in items if group.is_one(item))


def lines(rng: Rng, most: int) -> Sample:
    """A row or a column of something, or one in each corner."""
    if most >= 4 and rng.random() < 0.25:
        group = new_group(rng, 4)
        group.cells = list(CORNERS)
        return Sample(f"a {group.name()} in each corner", [group], [inside(group, CORNERS)])
    line = [line for line in LINES if len(line) <= max(2, most)][int(rng.integers(9))]
    word = pick(rng, ("row", "column"))
    cells = list(line) if word == "row" else turned(line)
    numbers = [len(cells)] + ([1] if most > len(cells) and rng.random() < 0.4 else [])
    groups = new_groups(rng, numbers)
    groups[0].cells = cells
    scatter(rng, groups)
    text = listed([f"a {word} of {groups[0].words(rng)}", *(g.words(rng) for g in groups[1:])])
    return Sample(
        text, groups, [lambda items: in_line([i for i in items if groups[0].is_one(i)], word)]
    )


def in_line(items: Sequence[Item], word: str) -> bool:
    """Whether objects are neighbours in one row, or one column."""
    cells = [(i.row, i.column) for i in items]
    if not cells:
        return False
    across, along = zip(*(cells if word == "row" else [(c, r) for r, c in cells]), strict=True)
    return len(set(across)) == 1 and max(along) - min(along) == len(cells) - 1


def sign(rng: Rng, most: int) -> Sample:
    """Letters in a row, in one colour: "a sign that says CAT in red"."""
    line = LINES[int(rng.integers(len(LINES)))]
    word = "".join(pick(rng, LETTERS) for _ in line)
    colour, says = pick(rng, tuple(COLOURS)), rng.random() < 0.6
    letters = [
        Group(1, colour, letter, says_colour=says, cells=[cell])
        for letter, cell in zip(word, line, strict=True)
    ]
    told = f"in {colour}" if says else ""
    text = pick(rng, (f"a sign that says {word} {told}", f"the word {word} {told}"))
    if says and rng.random() < 0.4:
        text = pick(rng, (f"a {colour} sign that says {word}", f"the {colour} word {word}"))
    others = new_groups(rng, [int(rng.integers(1, max(2, most - 3)))]) if rng.random() < 0.4 else []
    others = [group for group in others if group.kind not in LETTERS]
    scatter(rng, others, taken=line)
    groups = [*merged(letters), *others]
    for group in groups[: len(groups) - len(others)]:
        group.says_colour = says
    text = listed([text.strip(), *(group.words(rng) for group in others)])
    return Sample(text, groups, [lambda items: spells(items, word)])


def spells(items: Sequence[Item], word: str) -> bool:
    """Whether the letters in a picture, read in rows, are ``word`` without a gap, in one colour."""
    letters = sorted((i for i in items if i.kind in LETTERS), key=lambda i: (i.row, i.column))
    close = bool(letters) and in_line(letters, "row")
    return close and len({i.colour for i in letters}) == 1 and "".join(i.kind for i in letters) == word


SORTS: dict[str, Callable[[Rng, int], Sample]] = {
    "layout": layout,
    "count": count,
    "relation": relation,
    "place": place,
    "line": lines,
    "sign": sign,
}


@dataclass(frozen=True)
class Stage:
    """What the stream is like from a number of ``images`` on: the shares of the objects of a layout
    that stand beside where it says (``moved``) and of all objects that have another colour than the
    caption says (``recoloured``), and of the ``sorts`` of captions. Captions have mistakes, so what is
    drawn after them has some; numbers and words are learned before there are any."""

    images: int
    moved: float
    recoloured: float
    sorts: Mapping[str, float]


EARLY = {"layout": 0.35, "count": 0.30, "relation": 0.13, "place": 0.08, "line": 0.05, "sign": 0.09}
LATE = {"layout": 0.20, "count": 0.35, "relation": 0.16, "place": 0.10, "line": 0.06, "sign": 0.13}
STAGES = (
    Stage(0, 0.0, 0.0, EARLY),
    Stage(134_400, 0.09, 0.03, EARLY),
    Stage(230_400, 0.18, 0.06, LATE),
    Stage(364_800, 0.32, 0.08, LATE),
    Stage(416_000, 0.24, 0.07, LATE),
)


def stage_at(images: int) -> Stage:
    """The stage of the stream after ``images``."""
    return [stage for stage in STAGES if stage.images <= images][-1]


def sample(
    rng: Rng, most: int = MAX_OBJECTS, sort: str | None = None, stage: Stage = STAGES[-1]
) -> Sample:
    """A scene of up to ``most`` objects and its caption, of a sort or, without one, as for training."""
    drawn = sort or str(rng.choice(list(stage.sorts), p=list(stage.sorts.values())))
    found = SORTS[drawn](rng, most)
    if rng.random() < WITHOUT_SHARE:
        absent = pick(rng, [kind for kind in THINGS if kind not in {g.kind for g in found.groups}])
        found.caption += pick(rng, (" and no ", " without ")) + plural(absent)
    if rng.random() < GROUND_SHARE:
        found.ground = pick(rng, [name for name in GROUNDS if name != PLAIN])
        found.caption += " " + pick(rng, GROUND_WORDS[found.ground])
    if sort:
        return found
    return mistaken(rng, found, stage.moved if drawn == "layout" else 0.0, stage.recoloured)


def mistaken(rng: Rng, one: Sample, moved: float, recoloured: float) -> Sample:
    """A sample whose scene is not quite what its caption says."""
    groups = []
    taken = {item.cell for item in one.items}
    for group in one.groups:
        for item in group.items():
            cell, colour = item.cell, item.colour
            free = [near for near in neighbours(cell) if near not in taken]
            if free and rng.random() < moved:
                cell = pick(rng, free)
                taken.add(cell)
            if rng.random() < recoloured:
                colour = pick(rng, [c for c in COLOURS if not held_out(f"{c} {item.kind}")])
            groups.append(replace(group, number=1, colour=colour, cells=[cell]))
    return Sample(one.caption, groups, one.rules, one.ground)


def neighbours(cell: str) -> list[str]:
    """The cells beside, above and below ``cell``."""
    column, row = "abcd".index(cell[0]), "1234".index(cell[1])
    return [c for c in CELLS if abs("abcd".index(c[0]) - column) + abs("1234".index(c[1]) - row) == 1]
