"""What people want to be different about a request, in the embedded world: things added, taken away,
recoloured, resized, counted, swapped or moved, and another ground."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ...errors import NotInWorldError
from .descriptions import described
from .questions import includes
from .reading.arrangement import remove
from .reading.grammar import read_prompt
from .reading.words import COUNTS, refuse
from .subjects import SIGN, Part, counted, group_in, insert, is_placed, meant
from .wish import Group, ObjectKind, Wish
from .world import COLOURS, SIZES

OPENER = re.compile(
    r"(?i)^(?:(?:now|please|then|ok|okay|but|and|next|just|instead|(?:can|could|would) you|let us|"
    r"let's|i(?:'d| would)? (?:want|like)(?: you)?(?: to)?),? )+"
)
CLOSER = re.compile(r"(?i)(?:,? (?:now|please|instead|too|as well|again))+$")
LOOK = "|".join((*COLOURS, *SIZES, "bigger", "larger", "smaller", "large", "little"))
SIZE_WORDS = {"bigger": "big", "larger": "big", "large": "big", "smaller": "small", "little": "small"}
PLACED = r"(?:in|at|on|to|above|below|under|over|left of|right of|next to|beside|between|into|onto) .+"
GROUNDS = {
    "night": r"(?:dark|darker|night|nighttime|midnight|evening)",
    "day": r"(?:light|lighter|bright|brighter|day|daytime|daylight|sunny|sunnier)",
    "meadow": r"(?:a |the )?(?:meadow|grass|lawn|field)",
}
THING = r"(?:the )?(?:whole |entire )?(?:sky|background|ground|scene|picture|image|thing)"
GROUND_CHANGE = (
    rf"(?:(?:make|turn|change|set|put|place|draw|paint|have) )?(?:it|{THING})?"
    r"(?: (?:to be|should be|is|be|into|to|a))* ?(?:(?:at|by|in|on|during|into|to) )?(?:the )?{} ?"
    r"(?:sky|time|background|ground)?"
)
SKY = (
    r"(?:(?:make|turn|change|set|paint|colou?r|have|use) )?(?:the |a )?(?:whole |entire )?"
    r"(?:(?:sky|background)(?: (?:to be|should be|is|be|into|to))* {0}|{0} (?:sky|background))"
)
"""A ground by the colour of its sky."""
PLAINER = [
    (
        r"(?i)(?:a bit|a little|much|slightly|even) "
        r"(?=(?:dark|light|bright|bigg|small|larg|sunni)er\b)",
        "",
    ),
    (r"(?i)^darken (.+)$", r"make \1 darker"),
    (r"(?i)^(?:brighten|lighten)(?: up)? (.+)$", r"make \1 brighter"),
    (r"(?i)^(?:add )?(?!no\b)(\w+) more (?=\w)", r"add \1 "),
    (r"(?i)^(?:make|let|have) (the (?:sign|banner|board)) (?:say|read)s? ", r"change \1 to "),
]
"""Wordings and the plainer ones that they are read as."""
Change = Callable[[Wish, re.Match[str]], str]
"""(a wish, a wording that matched) -> the wish as it is then, in words."""


def plain(change: str) -> str:
    """A change without the words around it; what is to be written keeps its capitals."""
    words = " ".join(change.strip(" .!?").split())
    words = CLOSER.sub("", OPENER.sub("", words, count=1))
    for wording, plainer in PLAINER:
        words = re.sub(wording, plainer, words)
    return words


def rule_for(change: str) -> tuple[Change, re.Match[str]] | None:
    """What ``change`` does; None: it is no wording of a change."""
    words = plain(change)
    for pattern, rule in RULES:
        if match := re.fullmatch(pattern, words, re.IGNORECASE):
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


def reground(name: str) -> Change:
    """Makes it day, night or a meadow."""
    return lambda wish, match: described(replace(wish, ground=name))


def add(wish: Wish, match: re.Match[str]) -> str:
    """One thing more, perhaps with where it stands; that there must be none no longer holds."""
    new = read_or_none(match[1])
    for index in reversed(range(len(wish.groups))):
        denied = wish.groups[index]
        if not denied.count and any(includes(denied.kind, group.kind) for group in new.groups):
            remove(wish, index, [])
    if stands_anywhere(new) and "the" not in match[1].lower().split():
        for group in new.groups:
            put(wish, group)
        return described(wish)
    before = replace(wish, ground=None)
    after = read_prompt(f"{described(before)}, {match[1]}")
    return described(replace(after, ground=after.ground or wish.ground))


def read_or_none(words: str) -> Wish:
    """What ``words`` ask for; nothing where they cannot be read by themselves."""
    try:
        return read_prompt(words)
    except NotInWorldError:
        return Wish()


def stands_anywhere(wish: Wish) -> bool:
    """Whether a wish names things and nothing else."""
    return bool(wish.groups) and not (wish.relations or wish.lines or wish.places or wish.ground)


def merge(wish: Wish) -> str:
    """The wish in words, what looks alike now and stands anywhere as one group."""
    for index in reversed(range(len(wish.groups))):
        group = wish.groups[index]
        if group.exact and group.count and not is_placed(wish, index):
            remove(wish, index, [])
            put(wish, group, index)
    return described(wish)


def put(wish: Wish, group: Group, at: int | None = None) -> None:
    """Puts a group to those that are there: to one that looks the same, else where it is wanted, else
    before what includes it."""
    for index, there in enumerate(wish.groups):
        alike = there.kind == group.kind and there.count and there.exact and group.exact
        if alike and group.count and not is_placed(wish, index):
            wish.groups[index] = replace(there, count=there.count + group.count)
            return
    wider = [i for i, there in enumerate(wish.groups) if includes(there.kind, group.kind)]
    insert(wish, at if at is not None else wider[0] if wider else len(wish.groups), group)


def take_away(wish: Wish, match: re.Match[str]) -> str:
    """Those that are meant go; where it is all of a kind, with what is said of where they stand."""
    for part in sorted(meant(wish, match[1]), reverse=True):
        index = part.group
        if part.number < wish.groups[index].count:
            take_some(wish, part)
            continue
        wish.relations = [r for r in wish.relations if index not in (r.subject, *r.objects)]
        wish.places = [(owner, place) for owner, place in wish.places if owner != index]
        wish.lines = [line for line in wish.lines if index not in line.groups]
        remove(wish, index, [])
    if not any(group.count for group in wish.groups):
        raise refuse("a picture of nothing (keep something in it)")
    return described(wish)


def take_some(wish: Wish, part: Part) -> None:
    """Takes some of a group away.

    Raises:
        NotInWorldError: it is said where they stand, so that nobody can tell what holds of the rest.
    """
    group = wish.groups[part.group]
    if is_placed(wish, part.group):
        raise refuse(
            f"some of the {group.kind.words(2)} only, of which is said where they stand (say the whole "
            "request anew)"
        )
    wish.groups[part.group] = replace(group, count=group.count - part.number)


def put_instead(wish: Wish, part: Part, group: Group) -> None:
    """Puts ``group`` in the place of those that are meant."""
    if part.number == wish.groups[part.group].count:
        wish.groups[part.group] = group
        return
    take_some(wish, part)
    wider = includes(wish.groups[part.group].kind, group.kind)
    insert(wish, part.group if wider else part.group + 1, group)


def restyle(wish: Wish, match: re.Match[str]) -> str:
    """Another colour or size; several colours are one each."""
    looks = [SIZE_WORDS.get(word, word) for word in re.findall(LOOK, match[2].lower())]
    colours = [look for look in dict.fromkeys(looks) if look in COLOURS]
    size = next((look for look in SIZES if look in looks), None)
    for part in sorted(meant(wish, match[1]), reverse=True):
        old = wish.groups[part.group]
        kind = replace(old.kind, size=size or old.kind.size)
        if len(colours) > 1:
            share_out(wish, part, [replace(kind, colour=colour) for colour in colours])
        else:
            kind = replace(kind, colour=colours[0] if colours else kind.colour)
            put_instead(wish, part, Group(kind, part.number, old.exact))
    return merge(wish)


def share_out(wish: Wish, part: Part, kinds: list[ObjectKind]) -> None:
    """Makes one of each kind of those that are meant.

    Raises:
        NotInWorldError: they are not as many, or it is said where they stand.
    """
    group = wish.groups[part.group]
    if part.number != len(kinds) or not group.exact:
        raise refuse(f"several colours of {group.words()} (say how many of each)")
    if is_placed(wish, part.group):
        raise refuse("several colours of things of which is said where they stand (say which is which)")
    put_instead(wish, part, Group(kinds[0], 1))
    for place, kind in enumerate(kinds[1:], part.group + 1):
        insert(wish, place, Group(kind, 1))


def swap(wish: Wish, match: re.Match[str]) -> str:
    """Another thing in its place; colour, size and number stay where the new one names none."""
    old, text = match["old"], re.fullmatch(r"[\"']?([A-Za-z]{1,4})[\"']?", match["new"])
    new = group_in(f'the word "{text[1]}"' if text and SIGN.match(old) else match["new"])
    if old.lower() in COUNTS:
        return described(with_count(wish, new, counted(old), match["new"]))
    for part in sorted(meant(wish, old), reverse=True):
        before, kind = wish.groups[part.group], new.kind
        if before.kind.is_word != kind.is_word:
            raise refuse("a word in the place of a thing, or the other way round (remove one, add one)")
        number = new.count if new.exact and new.count > 1 else part.number
        look = ObjectKind(
            kind.colour or before.kind.colour, kind.name or before.kind.name,
            kind.size or before.kind.size,
        )  # fmt: skip
        put_instead(wish, part, Group(look, number, before.exact))
    return merge(wish)


def recount(wish: Wish, match: re.Match[str]) -> str:
    """Another number of a kind that is there."""
    return described(with_count(wish, group_in(match[1]), None, match[1]))


def with_count(wish: Wish, new: Group, before: int | None, words: str) -> Wish:
    """The wish with another number of a kind of which there are so many ``before``.

    Raises:
        NotInWorldError: there is no such kind, or several are.
    """
    there = [i for i, g in enumerate(wish.groups) if g.count and includes(new.kind, g.kind)]
    if len(there) != 1 or before not in (None, wish.groups[there[0]].count):
        raise refuse(f"{words[:40]!r} instead (the request does not name one such kind)")
    wish.groups[there[0]] = Group(wish.groups[there[0]].kind, new.count, new.exact)
    return wish


def move(wish: Wish, match: re.Match[str]) -> str:
    """Another place or relation, instead of what was said of where it stands."""
    parts = meant(wish, match[1])
    moved = [part.group for part in parts]
    if len(moved) > 1 or any(part.number < wish.groups[part.group].count for part in parts):
        raise refuse("a move of several kinds, or of some of a kind (move one after another, by name)")
    where = re.sub(r"^(?:in|on)?to ", "at ", match[2]) if " corner" not in match[2] else match[2]
    wish.places = [(owner, place) for owner, place in wish.places if owner not in moved]
    wish.relations = [r for r in wish.relations if r.subject not in moved]
    kind = wish.groups[moved[0]].kind
    ground, wish.ground = wish.ground, None
    words = f"{described(wish)}, the {kind.words(wish.groups[moved[0]].count)} {where}"
    return described(replace(read_prompt(words), ground=ground))


LOOKS = rf"((?:(?:{LOOK})(?: and)? ?)+)"
DO = r"(?:the |that |those )?"
RULES: list[tuple[str, Change]] = [
    (SKY.format("black"), reground("night")),
    (SKY.format("blue"), reground("day")),
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
    (rf"(?:move|put|place|set|shift) (?:the )?(.+?) ({PLACED})", move),
    (rf"(?:the )? (.+?) (?:should be|must be|is|are|goes|go|stands?) ({PLACED})", move),
    (r"(?:add|also|also add|draw also|plus|put|place|put in|include|with) (.+)", add),
    (r"(?:make (?:it|that|them) |only |exactly |there (?:should be|are|is) )+(.+)", recount),
]
"""In the order in which they are tried."""
