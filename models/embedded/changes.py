"""What people want to be different about a request, in the embedded world: things added, taken away,
recoloured, resized, counted, swapped or moved, and another ground."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ...errors import NotInWorldError
from .arrangement import remove
from .grammar import read_prompt
from .nouns import fits
from .questions import GROUND_WORDS
from .wish import Group, ObjectKind, Wish
from .words import refuse
from .world import COLOURS, NUMBERS, SIZES

OPENER = re.compile(
    r"^(?:(?:now|please|then|ok|okay|but|and|next|just|instead|(?:can|could|would) you|let us|let's|"
    r"i(?:'d| would)? (?:want|like)(?: you)?(?: to)?),? )+"
)
CLOSER = re.compile(r"(?:,? (?:now|please|instead|too|as well|again))+$")
LOOK = "|".join((*COLOURS, *SIZES, "bigger", "larger", "smaller", "large", "little"))
SIZE_WORDS = {"bigger": "big", "larger": "big", "large": "big", "smaller": "small", "little": "small"}
PLACED = r"(?:in|at|on|to|above|below|under|over|left of|right of|next to|beside|between|into|onto) .+"
GROUNDS = {
    "night": r"(?:dark|darker|night|nighttime|midnight|evening|black)",
    "day": r"(?:light|lighter|bright|brighter|day|daytime|daylight|sunny|sunnier|blue)",
    "meadow": r"(?:a |the )?(?:meadow|grass|lawn|field)",
}
THING = r"(?:the )?(?:whole |entire )?(?:sky|background|ground|scene|picture|image|thing)"
GROUND_CHANGE = (
    rf"(?:(?:make|turn|change|set|put|place|draw|paint|have) )?(?:it|{THING})?"
    r"(?: (?:to be|should be|is|be|into|to|a))* ?(?:(?:at|by|in|on|during|into|to) )?(?:the )?{} ?"
    r"(?:sky|time|background|ground)?"
)
PLAINER = [
    (r"(?:a bit|a little|much|slightly|even) (?=(?:dark|light|bright|bigg|small|larg|sunni)er\b)", ""),
    (r"^darken (.+)$", r"make \1 darker"),
    (r"^(?:brighten|lighten)(?: up)? (.+)$", r"make \1 brighter"),
]
"""Wordings and the plainer ones that they are read as."""
Change = Callable[[Wish, re.Match[str]], str]
"""(a wish, a wording that matched) -> the wish as it is then, in words."""


def described(wish: Wish) -> str:
    """A wish in words that are read as the same wish.

    Raises:
        NotInWorldError: there are none.
    """
    parts = []
    for index, group in enumerate(wish.groups):
        how = "" if group.exact else "at least "
        number = NUMBERS[group.count] if group.count else "no"
        places = [place for owner, place in wish.places if owner == index]
        places += [f"in a {line.name}" for line in wish.lines if line.groups[-1] == index]
        parts.append(" ".join([f"{how}{number}", group.kind.words(group.count or 2), *places]))
    for relation in wish.relations:
        named = [wish.groups[i] for i in (relation.subject, *relation.objects)]
        subject, *others = (f"the {group.kind.words(group.count)}" for group in named)
        parts.append(f"{subject} {relation.name} {' and '.join(others)}")
    ground = f" {GROUND_WORDS[wish.ground]}" if wish.ground else ""
    words = ", ".join(parts) + ground
    if read_prompt(words) != wish:
        raise refuse("a change of so involved a request (say the whole request anew)")
    return words


def plain(change: str) -> str:
    """A change without the words around it."""
    words = " ".join(change.lower().strip(" .!?").split())
    words = CLOSER.sub("", OPENER.sub("", words, count=1))
    for wording, plainer in PLAINER:
        words = re.sub(wording, plainer, words)
    return words


def rule_for(change: str) -> tuple[Change, re.Match[str]] | None:
    """What ``change`` does; None: it is no wording of a change."""
    words = plain(change)
    for pattern, rule in RULES:
        if match := re.fullmatch(pattern, words):
            return rule, match
    return None


def changed(request: str, change: str) -> str:
    """``request`` with ``change`` worked in.

    Raises:
        NotInWorldError: the change is none that this world knows.
    """
    found = rule_for(change)
    if found is None:
        raise refuse(
            f"the change {change[:60]!r} (say add, remove, make the THING COLOUR, exactly two THINGS, "
            "replace the THING with a THING, move the THING to a place, or make it night)"
        )
    rule, match = found
    return rule(read_prompt(request), match)


def stands_alone(words: str) -> bool:
    """Whether ``words`` ask for a picture of its own, rather than for a change of one."""
    if rule_for(words) is not None:
        return False
    try:
        read_prompt(words)
    except NotInWorldError:
        return False
    return True


def group_in(words: str) -> Group:
    """The one kind that a phrase names, and how many of it.

    Raises:
        NotInWorldError: it names none, or several.
    """
    groups = read_prompt(words).groups
    if len(groups) != 1:
        raise refuse(f"{words[:40]!r} as the name of one kind of thing")
    return groups[0]


def meant(wish: Wish, words: str) -> list[int]:
    """The groups that "the THING" means.

    Raises:
        NotInWorldError: there is none.
    """
    if words in ("it", "them", "they", "one", "thing", "things", "everything"):
        return list(range(len(wish.groups)))
    wanted = group_in(words).kind
    found = [i for i, group in enumerate(wish.groups) if group.count and fits(group.kind, wanted)]
    if not found:
        raise refuse(f"a change of {words[:40]!r}, which the request does not name")
    return found


def reground(name: str) -> Change:
    """Makes it day, night or a meadow."""
    return lambda wish, match: described(replace(wish, ground=name))


def add(wish: Wish, match: re.Match[str]) -> str:
    """One thing more, perhaps with where it stands."""
    before = replace(wish, ground=None)
    after = read_prompt(f"{described(before)}, {match[1]}")
    return described(replace(after, ground=after.ground or wish.ground))


def take_away(wish: Wish, match: re.Match[str]) -> str:
    """All of a kind go, with what is said of where they stand."""
    for index in reversed(meant(wish, match[1])):
        wish.relations = [r for r in wish.relations if index not in (r.subject, *r.objects)]
        wish.places = [(owner, place) for owner, place in wish.places if owner != index]
        wish.lines = [line for line in wish.lines if index not in line.groups]
        remove(wish, index, [])
    if not any(group.count for group in wish.groups):
        raise refuse("a picture of nothing (keep something in it)")
    return described(wish)


def restyle(wish: Wish, match: re.Match[str]) -> str:
    """Another colour or size."""
    looks = {SIZE_WORDS.get(word, word) for word in re.findall(LOOK, match[2])}
    colour = next((look for look in COLOURS if look in looks), None)
    size = next((look for look in SIZES if look in looks), None)
    for index in meant(wish, match[1]):
        group = wish.groups[index]
        kind = replace(group.kind, colour=colour or group.kind.colour, size=size or group.kind.size)
        wish.groups[index] = replace(group, kind=kind)
    return described(wish)


def swap(wish: Wish, match: re.Match[str]) -> str:
    """Another thing in its place; colour, size and number stay where the new one names none."""
    new = group_in(match["new"])
    for index in meant(wish, match["old"]):
        old, kind = wish.groups[index], new.kind
        wish.groups[index] = Group(
            ObjectKind(
                kind.colour or old.kind.colour, kind.name or old.kind.name, kind.size or old.kind.size
            ),
            new.count if new.exact and new.count > 1 else old.count,
            old.exact,
        )
    return described(wish)


def recount(wish: Wish, match: re.Match[str]) -> str:
    """Another number of a kind that is there."""
    new = group_in(match[1])
    there = [i for i, g in enumerate(wish.groups) if g.count and fits(g.kind, new.kind)]
    if len(there) != 1:
        raise refuse(f"{match[1][:40]!r} instead (the request does not name one such kind)")
    wish.groups[there[0]] = Group(wish.groups[there[0]].kind, new.count, new.exact)
    return described(wish)


def move(wish: Wish, match: re.Match[str]) -> str:
    """Another place or relation, instead of what was said of where it stands."""
    moved = meant(wish, match[1])
    where = re.sub(r"^(?:in|on)?to ", "at ", match[2]) if " corner" not in match[2] else match[2]
    wish.places = [(owner, place) for owner, place in wish.places if owner not in moved]
    wish.relations = [r for r in wish.relations if r.subject not in moved]
    kind = wish.groups[moved[0]].kind
    ground, wish.ground = wish.ground, None
    words = f"{described(wish)}, the {kind.words(wish.groups[moved[0]].count)} {where}"
    return described(replace(read_prompt(words), ground=ground))


LOOKS = rf"((?:(?:{LOOK})(?: and)? ?)+)"
DO = r"(?:the |all the |all |that |those |every )?"
RULES: list[tuple[str, Change]] = [
    *((GROUND_CHANGE.format(words), reground(name)) for name, words in GROUNDS.items()),
    (
        r"(?:remove|delete|drop|take away|get rid of|take out|leave out|erase|without|no|no more) "
        rf"{DO}(.+?)(?: away| out)?",
        take_away,
    ),
    (
        rf"(?:make|turn|paint|colou?r|let) {DO}(.+?) (?:be |to be |into |and )*{LOOKS}(?:ones?)?",
        restyle,
    ),
    (rf"{DO}(.+?) (?:should be|must be|is|are|shall be|to be) {LOOKS}", restyle),
    (rf"(?:replace|swap|exchange) {DO}(?P<old>.+?) (?:with|for|by) (?P<new>.+)", swap),
    (rf"(?:make|turn|change) {DO}(?P<old>.+?) (?:into|to|to be) (?P<new>.+)", swap),
    (
        r"(?:(?:add|put|draw|use|have) )?(?P<new>.+?) (?:instead of|rather than|in place of) "
        rf"{DO}(?P<old>.+)",
        swap,
    ),
    (rf"(?:move|put|place|set|shift) (?:all )?the (.+?) ({PLACED})", move),
    (rf"(?:all )?the (.+?) (?:should be|must be|is|are|goes|go|stands?) ({PLACED})", move),
    (r"(?:add|also|also add|draw also|plus|put|place|put in|include|with) (.+)", add),
    (r"(?:make (?:it|that|them) |only |exactly |there (?:should be|are|is) )+(.+)", recount),
]
"""In the order in which they are tried."""
