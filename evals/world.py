"""The suites ``world``: prompts about the embedded world as people would write them, of seven kinds and
four levels.

``world-hard`` is for what is left when ``world`` is solved: six to eight objects, chains of relations,
words among things. ``python -m gems.evals.world`` writes the packaged files again. Wherever a prompt
names things, at least one of its compositions (a thing in a colour, several of it, two kinds, two in a
relation) is one that training never saw; letters have none that could be kept out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..models.embedded.reading.grammar import read_prompt
from ..models.embedded.synonyms import OTHER_NAMES, spoken
from ..models.embedded.wish import CORNERS, Wish
from ..models.embedded.world import COLOURS, NUMBERS, RELATIONS, THINGS, article, held_out
from .building import Make, Rng, case_of, listed, mixed, one_of, pick, prompts, write_suite
from .cases import Case

SEED = 20_261_126
"""Of the suites. Training draws its scenes from seed 0."""
LEVELS = {1: 11, 2: 2, 3: 2, 4: 14}
"""Prompts a kind of each level, in the suite of 200; the last kind has fewer. Many are easy and many
hard, so that one picture is right for some and the loop does not end at the top."""
SMALL = {1: 3, 2: 1, 3: 1, 4: 1}
"""The same in the suite of 40, in which a newcomer is to see the loop get somewhere."""
HARD = 100
WORDS = (
    "CAT DOG CAR BUS TEA SUN SKY RED BAR GYM ZOO ICE HOT TOY KEY EGG PIE NEW YES NO GO ON UP HI OK IN "
    "OPEN STOP SALE FREE EXIT MILK CAFE BOOK FISH TAXI WAIT PUSH PULL SLOW FAST KIDS HOME LOVE RAIN "
    "PARK BANK SHOP HELP WEST EAST"
).split()
SIDES = ("at the top", "at the bottom", "on the left", "on the right")
GROUNDS = ("at night", "on a meadow", "by day")
SMALL_SHARE, OTHER_WORD_SHARE = 0.15, 0.2
OTHER_WORDS = {name: OTHER_NAMES.get(name, "").split() for name in THINGS}


@dataclass(frozen=True)
class Group:
    """So many of a thing, as a prompt names them."""

    number: int
    colour: str
    name: str
    size: str = ""
    called: str = ""
    """Another word for the thing."""

    def noun(self) -> str:
        """ "small red cats", "kitten"."""
        noun = spoken(self.called or self.name, self.number)
        return " ".join(word for word in (self.size, self.colour, noun) if word)

    def words(self) -> str:
        """With the number or article before it."""
        noun = self.noun()
        return f"{article(noun) if self.number == 1 else NUMBERS[self.number]} {noun}"


def groups_of(rng: Rng, numbers: Sequence[int]) -> list[Group]:
    """Groups with these numbers, no two of the same thing."""
    names = rng.permutation(list(THINGS)).tolist()[: len(numbers)]
    found = []
    for number, name in zip(numbers, names, strict=True):
        size = "small" if rng.random() < SMALL_SHARE else ""
        others = OTHER_WORDS[name]
        called = pick(rng, others) if others and rng.random() < OTHER_WORD_SHARE else ""
        found.append(Group(number, pick(rng, tuple(COLOURS)), name, size, called))
    return found


def objects(rng: Rng, level: int) -> str:
    """Two things, one of them somewhere; three, four, seven on a ground."""
    groups = groups_of(rng, [1] * (7 if level == 4 else level + 1))
    if level == 1:
        return f"{groups[0].words()} {pick(rng, (*SIDES, *CORNERS))} and {groups[1].words()}"
    return f"{listed([group.words() for group in groups])} {pick(rng, GROUNDS)}"


def count(rng: Rng, level: int) -> str:
    """Two or three; five or six; seven or eight of a kind; eight of two kinds."""
    if level == 4:
        groups = groups_of(rng, one_of(rng, (4, 4), (5, 3)))
        return f"exactly {listed([group.words() for group in groups])} {pick(rng, GROUNDS)}"
    [group] = groups_of(rng, [int(rng.choice({1: [2, 3], 2: [5, 6], 3: [7, 8]}[level]))])
    return pick(rng, ("{}", "draw me {}, please", "a picture of {}", "exactly {}")).format(
        group.words()
    )


def binding(rng: Rng, level: int) -> str:
    """Two kinds, three, four, with more and more objects: whose colour, whose number?"""
    numbers = {
        1: one_of(rng, (1, 1), (2, 1)),
        2: one_of(rng, (3, 2), (2, 2, 1), (3, 1, 1)),
        3: one_of(rng, (4, 3), (3, 2, 2), (3, 3, 1), (2, 2, 2, 1)),
        4: one_of(rng, (3, 3, 2), (2, 2, 2, 2), (3, 2, 2, 1)),
    }[level]
    return listed([group.words() for group in groups_of(rng, numbers)])


def relation(rng: Rng, level: int) -> str:
    """Two kinds in a relation, with more of each; three in two relations, four in three."""
    numbers = {
        1: one_of(rng, (1, 1), (2, 1)),
        2: one_of(rng, (3, 2), (2, 3)),
        3: (2, 2, 1),
        4: one_of(rng, (2, 2, 2, 2), (2, 3, 2, 1), (2, 2, 3, 1)),
    }[level]
    return chained(rng, groups_of(rng, numbers))


def chained(rng: Rng, groups: Sequence[Group]) -> str:
    """Each group in a relation to the next one."""
    names = [pick(rng, RELATIONS[:4] if level_of(groups) > 1 else RELATIONS) for _ in groups[1:]]
    text = f"{groups[0].words()} {names[0]} {groups[1].words()}"
    for before, name, after in zip(groups[1:], names[1:], groups[2:], strict=False):
        text += f", the {before.noun()} {name} {after.words()}"
    return text


def level_of(groups: Sequence[Group]) -> int:
    """The largest number among groups."""
    return max(group.number for group in groups)


def layout(rng: Rng, level: int) -> str:
    """Every group has a place of its own; rows and columns."""
    numbers = {
        1: one_of(rng, (2,), (3,)),
        2: one_of(rng, (3, 1), (2, 2)),
        3: one_of(rng, (3, 2, 1), (2, 2, 2)),
        4: one_of(rng, (3, 3, 1), (2, 2, 2, 1), (3, 2, 2), (3, 2, 2, 1)),
    }[level]
    groups = groups_of(rng, numbers)
    if rng.random() < 0.3:
        line = pick(rng, ("row", "column"))
        rest = [group.words() for group in groups[1:]]
        return listed([f"a {line} of {groups[0].words()}", *rest])
    many, one = list(rng.permutation(SIDES)), list(rng.permutation([*CORNERS, "in the middle"]))
    return listed([f"{g.words()} {many.pop() if g.number > 1 else one.pop()}" for g in groups])


def words(rng: Rng, level: int) -> str:
    """A word of up to four letters; with a thing beside it; with things above or below it, and with
    others beside those."""
    if level == 4:
        return signed(rng, level)
    word, colour = pick(rng, WORDS), pick(rng, tuple(COLOURS))
    if level == 1:
        plain = ("a sign that says {}", "the word {}", 'a sign with the word "{}"')
        return pick(rng, plain).format(word)
    sign = pick(rng, ("a {c} sign that says {w}", "the word {w} in {c}")).format(c=colour, w=word)
    [group] = groups_of(rng, [int(rng.integers(1, 2 + (level == 3) * 2))])
    if level == 2:
        return f"{sign} and {group.words()}"
    name = pick(rng, ("above", "below"))
    return f"{group.words()} {name} {sign}"


def negation(rng: Rng, level: int) -> str:
    """Something and not another thing; the more the harder."""
    groups = groups_of(rng, {1: (2, 1), 2: (3, 2, 1), 3: (3, 2, 2, 1), 4: (3, 3, 2, 1)}[level])
    absent = spoken(groups[-1].name, 2)
    says = pick(rng, ("{} and no {}", "{} but no {}", "{}, without {}"))
    return says.format(listed([group.words() for group in groups[:-1]]), absent)


KINDS_OF_PROMPT: dict[str, Callable[[Rng, int], str]] = {
    "objects": objects,
    "count": count,
    "binding": binding,
    "relation": relation,
    "layout": layout,
    "words": words,
    "negation": negation,
}


def crowd(rng: Rng, level: int) -> str:
    """Six to eight objects of three or four kinds."""
    numbers = one_of(rng, (3, 2, 1), (4, 2, 1), (3, 3, 2), (2, 2, 2, 1), (4, 3, 1), (3, 2, 2, 1))
    return listed([group.words() for group in groups_of(rng, numbers)])


def chain(rng: Rng, level: int) -> str:
    """Three or four groups in a chain of relations, six to eight objects in all."""
    numbers = one_of(rng, (2, 3, 1), (3, 2, 2), (2, 1, 2, 1), (1, 3, 2), (2, 2, 2, 1))
    return chained(rng, groups_of(rng, numbers))


def placed(rng: Rng, level: int) -> str:
    """Six to eight objects of three or four kinds, each kind in a place."""
    numbers = one_of(rng, (3, 2, 1), (2, 2, 1, 1), (3, 3, 1), (4, 2, 1))
    groups = groups_of(rng, numbers)
    many, one = list(rng.permutation(SIDES)), list(rng.permutation([*CORNERS, "in the middle"]))
    return listed([f"{g.words()} {many.pop() if g.number > 1 else one.pop()}" for g in groups])


def signed(rng: Rng, level: int) -> str:
    """A word in a colour above or below things of two kinds, on a ground."""
    word = pick(rng, [word for word in WORDS if len(word) < 5])
    groups = groups_of(rng, one_of(rng, (2, 1), (3, 1), (2, 2)))
    sign = f"the word {word} in {pick(rng, tuple(COLOURS))}"
    first = f"{groups[0].words()} {pick(rng, ('above', 'below'))} {sign}"
    return f"{listed([first, groups[1].words()])} {pick(rng, GROUNDS)}"


HARD_KINDS: dict[str, Callable[[Rng, int], str]] = {
    "crowd": crowd,
    "chain": chain,
    "placed": placed,
    "signed": signed,
}


def compositions(wish: Wish) -> set[str]:
    """What a wish puts together, named as training names what it holds out; what has a colour."""
    drawn = [g for g in wish.groups if g.count and g.kind.colour and g.kind.name in THINGS]
    found = {f"{g.kind.colour} {g.kind.name}" for g in drawn}
    found |= {f"{g.kind.colour} {g.kind.name} {g.count}" for g in drawn if g.count > 1}
    names = sorted({str(g.kind.name) for g in wish.groups if g.count})
    if len(names) == 2 and set(names) <= set(THINGS):
        found.add(" + ".join(names))
    for relation in wish.relations:
        a, b = wish.groups[relation.subject].kind, wish.groups[relation.objects[0]].kind
        if relation.name in RELATIONS and a.colour and b.colour and {a.name, b.name} <= set(THINGS):
            found.add(f"{a.colour} {a.name} {relation.name} {b.colour} {b.name}")
    return found


def is_new(prompt: str) -> bool:
    """Whether training never saw something that ``prompt`` puts together, or it is letters alone."""
    wish = read_prompt(prompt)
    alone = all(group.kind.is_word for group in wish.groups)
    return alone or any(map(held_out, compositions(wish)))


def new(make: Make) -> Make:
    """``make`` without what training saw all of."""

    def make_new(rng: Rng, level: int) -> str | None:
        text = make(rng, level)
        return text if text is not None and is_new(text) else None

    return make_new


def build(levels: Mapping[int, int], total: int, seed: int) -> list[Case]:
    """``levels[n]`` prompts of level n a kind, the first ``total`` of them, in a mixed order."""
    rng = np.random.default_rng(seed)
    cases = []
    for level, number in levels.items():
        for kind, make in KINDS_OF_PROMPT.items():
            stream = itertools.islice(prompts(new(make), level, rng), number)
            cases += [case_of(kind, level, n, text) for n, text in enumerate(stream, 1)]
    return mixed(rng, cases[:total])


def build_hard(total: int, seed: int) -> list[Case]:
    """The hard suite: as many prompts of each of its kinds, in a mixed order."""
    rng = np.random.default_rng(seed)
    cases = []
    for kind, make in HARD_KINDS.items():
        stream = itertools.islice(prompts(new(make), 3, rng), total // len(HARD_KINDS))
        cases += [case_of(kind, 3, n, text) for n, text in enumerate(stream, 1)]
    return mixed(rng, cases)


PACKAGED: dict[str, Callable[[], list[Case]]] = {
    "world": partial(build, LEVELS, 200, SEED),
    "world-small": partial(build, SMALL, 40, SEED + 1),
    "world-hard": partial(build_hard, HARD, SEED + 2),
}
"""How each suite is built, by name."""


def main() -> None:
    """Writes the packaged suites again: the same files, unless this module or the world changed."""
    for name, built in PACKAGED.items():
        write_suite(name, built())


if __name__ == "__main__":
    main()
