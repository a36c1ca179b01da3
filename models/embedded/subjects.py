"""What a change is about, in the embedded world: "it", "the cat", "one of the stars", "the sign"."""

from __future__ import annotations

import re
from typing import NamedTuple

from .questions import includes
from .reading.grammar import read_prompt
from .reading.words import COUNTS, SIDES, refuse
from .wish import Group, Line, Relation, Wish
from .world import NUMBERS

ONE, ALL = {"it", "this", "that", "thing"}, {"them", "they", "these", "those", "things", "everything"}
WHOLE = re.compile(r"(?i)^(?:(?:all|both|each)(?: of)?(?: (?:the|these|those))?|every) (?=\w)")
SOME = re.compile(r"(?i)^(?:(?:just|only|exactly) )?(\w+) of (?:the |these |those )?(.+)$")
RANKED = re.compile(r"(?i)^(?:first|second|third|fourth|fifth|last|next|other) ")
SIDE = re.compile(r"(?i)^(left|right|top|bottom|middle) (?!left\b|right\b)(.+)$")
PLACED = {**SIDES, "middle": "in the middle"}
ONES = re.compile(r"(?i)(?<=\w )one(s?)$")
SIGN = re.compile(
    r"(?i)^(?:signs?|words?|texts?|writing|letters?|banner|board)(?: [\"']?([a-z]{1,4})[\"']?)?$"
)
COUNTED = tuple(f"{word} " for word in COUNTS)


class Part(NamedTuple):
    """So many of a group that is there."""

    group: int
    number: int


def group_in(words: str) -> Group:
    """The one kind that a phrase names, and how many of it.

    Raises:
        NotInWorldError: it names none, or several.
    """
    groups = read_prompt(words).groups
    if len(groups) != 1:
        raise refuse(f"{words[:40]!r} as the name of one kind of thing")
    return groups[0]


def meant(wish: Wish, words: str) -> list[Part]:
    """What "the THING" means.

    Raises:
        NotInWorldError: there is none, or nobody can tell which.
    """
    drawn = [i for i, group in enumerate(wish.groups) if group.count]
    if words.lower() in ONE:
        if sum(wish.groups[i].count for i in drawn) != 1:
            raise refuse(f"{words!r} where there are several things (say which)")
        return whole(wish, drawn)
    if words.lower() in ALL:
        return whole(wish, drawn)
    if words.lower() in COUNTS and len(drawn) == 1:
        return part(wish, drawn, COUNTS[words.lower()], words)
    if sign := SIGN.match(words):
        return signs(wish, words, sign[1])
    return named(wish, drawn, words)


def whole(wish: Wish, groups: list[int]) -> list[Part]:
    """All of the groups."""
    return [Part(index, wish.groups[index].count) for index in groups]


def signs(wish: Wish, words: str, text: str | None) -> list[Part]:
    """The word that is meant by what it is written on, or by itself.

    Raises:
        NotInWorldError: there is none, or several.
    """
    found = [
        index
        for index, group in enumerate(wish.groups)
        if group.count
        and group.kind.is_word
        and text in (None, (group.kind.name or "").lower(), group.kind.name)
    ]
    if len(found) != 1:
        raise refuse(f"a change of {words[:40]!r}, of which the request names {NUMBERS[len(found)]}")
    return whole(wish, found)


def named(wish: Wish, drawn: list[int], words: str) -> list[Part]:
    """Those of a kind: all, or so many as the words count.

    Raises:
        NotInWorldError: there is none, or nobody can tell which.
    """
    every, words = bool(WHOLE.match(words)), WHOLE.sub("", words)
    some = SOME.match(words)
    if some and some[2].lower() in ALL and len(drawn) == 1:
        return part(wish, drawn, counted(some[1]), words)
    found, wanted = found_by(wish, drawn, some[2] if some else words)
    if some:
        return part(wish, found, counted(some[1]), words)
    if every or not wanted.exact:
        return whole(wish, found)
    asked = wanted.count if words.lower().startswith(COUNTED) else None
    return part(wish, found, asked, words)


def found_by(wish: Wish, drawn: list[int], words: str) -> tuple[list[int], Group]:
    """The groups among ``drawn`` that a phrase may mean, and the phrase as a group.

    Raises:
        NotInWorldError: there is none, or the phrase names none.
    """
    if RANKED.match(words):
        raise refuse(f"{words[:40]!r}, in no order that the request gives (say how many, or where)")
    words = SIDE.sub(lambda said: f"{said[2]} {PLACED[said[1].lower()]}", ONES.sub(r"thing\1", words))
    read = read_prompt(words)
    if len(read.groups) != 1:
        raise refuse(f"{words[:40]!r} as the name of one kind of thing")
    wanted, places = read.groups[0], [place for _, place in read.places]
    found = [i for i in drawn if includes(wanted.kind, wish.groups[i].kind)]
    found = [i for i in found if all((i, place) in wish.places for place in places)]
    if not found:
        raise refuse(f"a change of {words[:40]!r}, which the request does not name")
    return found, wanted


def counted(word: str) -> int:
    """The number that a word says.

    Raises:
        NotInWorldError: it says none.
    """
    if word.lower() not in COUNTS:
        raise refuse(f"{word[:20]!r} as a number")
    return COUNTS[word.lower()]


def part(wish: Wish, found: list[int], asked: int | None, words: str) -> list[Part]:
    """So many of what was found; None: the one that there is.

    Raises:
        NotInWorldError: there are not so many, or nobody can tell which.
    """
    total = sum(wish.groups[index].count for index in found)
    if total == (asked or 1):
        return whole(wish, found)
    if asked is None or len(found) > 1 or not wish.groups[found[0]].exact:
        raise refuse(f"{words[:40]!r} where there are several (say which, or how many of them)")
    if asked > total:
        raise refuse(f"{words[:40]!r} where there are {NUMBERS[total]}")
    return [Part(found[0], asked)]


def is_placed(wish: Wish, index: int) -> bool:
    """Whether it is said of a group where it stands."""
    related = any(index in (r.subject, *r.objects) for r in wish.relations)
    lined = any(index in line.groups for line in wish.lines)
    return related or lined or any(owner == index for owner, _ in wish.places)


def insert(wish: Wish, at: int, group: Group) -> None:
    """Puts a group before that at a position; all are numbered anew."""

    def now(index: int) -> int:
        return index + (index >= at)

    wish.places = [(now(owner), place) for owner, place in wish.places]
    wish.lines = [Line(tuple(map(now, line.groups)), line.name) for line in wish.lines]
    wish.relations = [
        Relation(now(r.subject), r.name, tuple(map(now, r.objects))) for r in wish.relations
    ]
    wish.groups.insert(at, group)
