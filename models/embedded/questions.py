"""The yes/no questions of the embedded world: from a wish to questions, from a question to a check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import NotInWorldError
from .members import BASES, SINGLES, is_shared_out, rank_of
from .reading.words import COUNTS, NOUNS, PLURALS
from .synonyms import spoken
from .wish import PLACES, Group, ObjectKind, Relation, Wish
from .world import COLOURS, NUMBERS, SIZES


@dataclass(frozen=True)
class CountCheck:
    """Are there exactly (or at least) so many of a kind, perhaps only counting those at a place?"""

    kind: ObjectKind
    count: int
    exact: bool
    place: str | None = None


@dataclass(frozen=True)
class GroundCheck:
    """Is it day, a meadow or night?"""

    name: str


@dataclass(frozen=True)
class ColourCheck:
    """Does every object of a kind have a colour?"""

    kind: ObjectKind
    colour: str


@dataclass(frozen=True)
class RelationCheck:
    """Does every object of a kind stand so to every object of other kinds?"""

    subject: ObjectKind
    name: str
    objects: tuple[ObjectKind, ...]


@dataclass(frozen=True)
class LineCheck:
    """Do all objects of these kinds stand beside each other in one ``row``, ``column`` or grid?"""

    kinds: tuple[ObjectKind, ...]
    name: str


Check = CountCheck | ColourCheck | RelationCheck | LineCheck | GroundCheck


AND_LETTERS = " and letters"
"""What the question after the number of all objects says where letters are asked for."""
GROUND_WORDS = {"day": "by day", "meadow": "on a meadow", "night": "at night"}


def ask_count(count: int, exact: bool, words: str) -> str:
    """The question after a number: "Are there exactly two red circles?" """
    if count == 0:
        return f"Are there exactly zero {words}?"
    verb = "Is" if count == 1 else "Are"
    return f"{verb} there {'exactly' if exact else 'at least'} {NUMBERS[count]} {words}?"


def same_kinds(wish: Wish) -> dict[ObjectKind, list[int]]:
    """The groups of each kind; a layout names the same kind many times."""
    found: dict[ObjectKind, list[int]] = {}
    for index, group in enumerate(wish.groups):
        found.setdefault(group.kind, []).append(index)
    return found


def includes(wide: ObjectKind, narrow: ObjectKind) -> bool:
    """Whether every object of kind ``narrow`` is one of kind ``wide``."""
    same = wide.colour in (None, narrow.colour) and wide.size in (None, narrow.size)
    return same and wide.name in (None, narrow.name)


def questions_for(wish: Wish) -> list[dict[str, Any]]:
    """The decomposer's answer, an atom a question: how many there are of each kind, the total, places,
    relations. Several of a kind that more is asked about are first asked for at all, and that more
    depends on it, so that a wrong number leaves it to be judged.
    """
    questions: list[dict[str, Any]] = []
    gates: dict[ObjectKind, int] = {}
    placed = kinds_placed(wish)
    for kind in same_kinds(wish):
        members = [group for group in wish.groups if includes(kind, group.kind)]
        count, exact = sum(g.count for g in members), all(g.exact for g in members)
        words, statement = kind.words(count), Group(kind, count, exact).words()
        if count > 1 and kind in placed:
            gates[kind] = add(questions, f"Are there any {words}?", words, "object", [])
        sort = "text" if kind.is_word else "count"
        number = add(questions, ask_count(count, exact, words), statement, sort, gated(gates, kind))
        gates.setdefault(kind, number)
    noun = ObjectKind(None, None).words(wish.total) + (AND_LETTERS if wish.has_words else "")
    total = ask_count(wish.total, wish.exact, f"{noun} in the picture")
    how = "exactly" if wish.exact else "at least"
    add(questions, total, f"{how} {NUMBERS[wish.total]} {noun} in all", "count", [])
    if wish.ground:
        said = GROUND_WORDS[wish.ground]
        add(questions, f"Is the picture {said}?", f"the picture is {said}", "attribute", [])
    for index, place in wish.places:
        group = wish.groups[index]
        words = f"{group.kind.words(group.count)} {place}"
        statement = f"{NUMBERS[group.count]} {words}"
        asked = ask_count(group.count, group.exact, words)
        add(questions, asked, statement, "position", gated(gates, group.kind))
    for relation in wish.relations:
        kinds = [wish.groups[i].kind for i in (relation.subject, *relation.objects)]
        statement = f"every {kinds[0].words(1)} {relation_words(wish, relation)}"
        add(questions, f"Is {statement}?", statement, "position", gated(gates, *kinds))
    for line in wish.lines:
        groups = [wish.groups[index] for index in line.groups]
        named = [f"{NUMBERS[group.count]} {group.kind.words(group.count)}" for group in groups]
        listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
        statement = f"{listed} in a {line.name}"
        kinds = [group.kind for group in groups]
        add(questions, f"Are {statement}?", statement, "position", gated(gates, *kinds))
    return questions


def kinds_placed(wish: Wish) -> set[ObjectKind]:
    """The kinds of which is said where they stand."""
    indices = [index for index, _ in wish.places]
    indices += [index for r in wish.relations for index in (r.subject, *r.objects)]
    indices += [index for line in wish.lines for index in line.groups]
    return {wish.groups[index].kind for index in indices}


def gated(gates: Mapping[ObjectKind, int], *kinds: ObjectKind) -> list[int]:
    """The numbers of the questions whether ``kinds`` are there at all."""
    return list(dict.fromkeys(gates[kind] for kind in kinds if kind in gates))


def relation_words(wish: Wish, relation: Relation) -> str:
    """ "below every red circle", "between the blue square and the green star"."""
    others = [wish.groups[i] for i in relation.objects]
    if relation.name == "between" and len({group.kind for group in others}) == 1:
        return f"between the {others[0].kind.words(2)}"
    if relation.name == "between":
        return "between the " + " and the ".join(g.kind.words(g.count) for g in others)
    if is_shared_out(relation.name):
        return f"{relation.name} {others[0].kind.words(1)}"
    if rank_of(relation.name):
        return f"{relation.name} the {others[0].kind.words(others[0].count)}"
    return f"{relation.name} every " + " and every ".join(g.kind.words(1) for g in others)


def add(
    questions: list[dict[str, Any]], question: str, statement: str, kind: str, parents: list[int]
) -> int:
    """Appends a question in the form of the decomposer's answer and returns its number, from 1;
    ``parents`` are such numbers."""
    item = {"question": question, "statement": statement, "kind": kind, "depends_on": parents}
    questions.append(item)
    return len(questions)


SPOKEN = {spoken(word): word for word in (*NOUNS, *PLURALS)}
"""Every noun as people write it: "ice cream" for "icecream"."""
SPOKEN |= {spoken(noun, 2): word for word, noun in PLURALS.items()}
NOUN = "|".join([*sorted(SPOKEN, key=len, reverse=True), r'(?:letters?|words?) "[a-z]+"'])
GRID = "grid of (?:two|three|four) rows"
KIND = rf"(?:(?:{'|'.join(SIZES)}) )?(?:(?:{'|'.join(COLOURS)}) )?(?:{NOUN})"
COUNT = "|".join(sorted([*COUNTS, NUMBERS[0]], key=len, reverse=True))
PLACE = "|".join(sorted(PLACES, key=len, reverse=True))
RELATION = f"(?:{SINGLES}|{'|'.join(BASES)})"
NUMBERED = rf"(?:{COUNT}) (?:{KIND})"
PATTERNS = {
    "count": re.compile(
        rf"(?:is|are) there (?:(exactly|at least) )?({COUNT}) ({KIND})"
        rf"(?:{AND_LETTERS})?(?: in the picture)?(?: ({PLACE}))?"
    ),
    "ground": re.compile(rf"is (?:it|the picture) ({'|'.join(GROUND_WORDS.values())})"),
    "any": re.compile(rf"(?:is|are) there (?:any )?({KIND})(?: in the picture)?(?: ({PLACE}))?"),
    "colour": re.compile(
        rf"(?:is|are) (?:all |every |the |all of the |all the )*({KIND}) ({'|'.join(COLOURS)})"
    ),
    "between": re.compile(
        rf"(?:is|are) (?:every |the |all )*({KIND}) between (?:the |two )*({KIND})"
        rf"(?: and (?:the |a )?({KIND}))?"
    ),
    "relation": re.compile(
        rf"(?:is|are) (?:every |the |all )*({KIND}) (?:to the )?({RELATION}) "
        rf"(?:every |the |a |all )*({KIND})"
    ),
    "line": re.compile(
        rf"are ({NUMBERED}(?:, {NUMBERED})*(?: and {NUMBERED})?) in a (row|column|{GRID})"
    ),
}


def kind_of(words: str) -> ObjectKind:
    """The kind that words like "red circles" name."""
    size = next((name for name in SIZES if words.startswith(f"{name} ")), None)
    words = words.removeprefix(f"{size} ")
    colour = next((name for name in COLOURS if words.startswith(f"{name} ")), None)
    words = words.removeprefix(f"{colour} ")
    if match := re.search(r'"([a-z]+)"', words):
        return ObjectKind(colour, match[1].upper(), size)
    noun = SPOKEN[words]
    return ObjectKind(colour, NOUNS[PLURALS.get(noun, noun)], size)


def parse_question(question: str) -> Check:
    """The check that a question asks for.

    Raises:
        NotInWorldError: the embedded eye cannot answer such a question.
    """
    text = " ".join(question.lower().strip(" ?.!").split())
    for sort, pattern in PATTERNS.items():
        match = pattern.fullmatch(text)
        if match:
            return to_check(sort, match)
    raise NotInWorldError(
        f"the embedded eye cannot answer {question!r}: it answers questions such as "
        "'Are there exactly two red cats?', 'Is there exactly one word \"CAT\"?' and 'Is every star "
        "above every heart?'; "
        "set GEMS_MLLM for a model that reads any question"
    )


def to_check(sort: str, match: re.Match[str]) -> Check:
    """The check in a question that matched the pattern called ``sort``."""
    if sort == "count":
        how, count, kind, place = match.groups()
        exact = how == "exactly" or (how is None and count not in {"a", "an"})
        return CountCheck(kind_of(kind), COUNTS.get(count, 0), exact, place)
    if sort == "line":
        named = re.findall(rf"(?:{COUNT}) ({KIND})", match[1])
        return LineCheck(tuple(kind_of(kind) for kind in named), match[2])
    if sort == "any":
        return CountCheck(kind_of(match[1]), 1, False, match[2])
    if sort == "ground":
        return GroundCheck(next(name for name, said in GROUND_WORDS.items() if said == match[1]))
    if sort == "colour":
        return ColourCheck(kind_of(match[1]), match[2])
    if sort == "between":
        return RelationCheck(
            kind_of(match[1]), "between", tuple(kind_of(k) for k in match.groups()[1:] if k)
        )
    return RelationCheck(kind_of(match[1]), match[2], (kind_of(match[3]),))
