"""Reads orders that are told one by one: "first a cat, then a dog", "the star in the middle of "
"the row"."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..world import GRID
from .sequences import LOOK, Kind, joined, tidy
from .words import COUNTS, LIKE, NOUNS, PLURALS, SIDES

NOUN = "|".join(NOUNS)
SEVERAL = "|".join(PLURALS)
NEXT_ONE = rf"(?:an?|one|another) {LIKE}(?:{NOUN})\b"
ONE = rf"(?:an?|one|the) {LIKE}(?:{NOUN})\b"
NUMBER = r"(?:two|three|four|[2-4])"
LINE = r"(?:in an?|in one|as an?) (?:row|line|column)"
END = r"(?= *(?:[.,;!?]|$))"
PART = rf"(?:an?|one|another|{NUMBER}) {LOOK}(?: ones?)?"
BETWEEN = r"(?: in| at)? the (?:middle|center|centre)"


def way_of(line: str) -> str:
    """The way in which people go through a row or column."""
    return f"from {'top to bottom' if re.search('column|stack|tower', line) else 'left to right'}"


def around_the_middle(match: re.Match[str]) -> str:
    """ "row: heart, star, heart" as a star between two hearts; the match itself where none or all are
    alike, or the ends are not."""
    first, middle, last = (tidy(m[0]) for m in re.finditer(rf"{LIKE}(?:{NOUN})\b", match["items"]))
    if first != last or first == middle:
        return match[0]
    outer = Kind("", first).words(2)
    return f"two {outer} and one {middle} in a {match['line']}, the {middle} between the {outer}"


def then_in_line(match: re.Match[str]) -> str:
    """ "a row with a small cat, then a big cat, then a small cat"; the match itself where that is no
    order that can be told."""
    names = [re.sub("^(?:an?|one|another) ", "", name) for name in re.findall(NEXT_ONE, match["items"])]
    if len({*names}) == len(names):
        return f"{joined([f'a {name}' for name in names])} in a {match['line']} {way_of(match['line'])}"
    if len(names) == 3 and names[0] == names[2]:
        return f"{match['line']}: {', '.join(names)}"
    return match[0]


def from_first(match: re.Match[str]) -> str:
    """ "first a cat, then a dog, all in a row" as those from left to right."""
    items = re.findall(ONE, match["items"])
    return f"{joined(items)} {re.sub('^as', 'in', match['line'])} {way_of(match['line'])}"


def one_by_one(match: re.Match[str]) -> str:
    """ "four cars: two red ones, then two blue ones" as "from left to right red, red, blue, blue"; the
    match itself where those are not as many."""
    looks = list[str]()
    for part in re.finditer(rf"(?P<number>an?|one|another|{NUMBER}) (?P<look>{LOOK})", match["parts"]):
        looks += COUNTS.get(part["number"], 1) * [tidy(part["look"])]
    lined = re.search(r"\b(?:row|line|column|stack|tower|side by side)\b", match["head"])
    if not lined or len(looks) != COUNTS[match["number"]] or len(looks) > GRID:
        return match[0]
    way = (
        "from top to bottom" if re.search("column|stack|tower", match["head"]) else "from left to right"
    )
    return f"{match['head']}: {way} {', '.join(looks)}"


def in_its_middle(match: re.Match[str]) -> str:
    """ "two hearts and a star in a row, the star in the middle": between the hearts; the match itself
    where not three are in the row, or several of them are called so."""
    named = [
        *re.finditer(rf"(?P<two>two )?(?P<like>{LIKE})\b(?P<noun>{NOUN}|{SEVERAL})\b", match["items"])
    ]
    others = [m for m in named if m["noun"] != match["noun"]]
    if sum(2 if m["two"] else 1 for m in named) != 3 or len(others) != len(named) - 1:
        return match[0]
    names = joined([f"the {m['like']}{m['noun']}" for m in others])
    return f"{match['items']} {match['line']}, the {match['look']}{match['noun']} between {names}"


def respectively(match: re.Match[str]) -> str:
    """ "a cat, a dog, a fish: the first black, the second brown, the third orange"."""
    looks = [tidy(look) for look in re.findall(LOOK, match["looks"])]
    return f"{match['items']}, {joined(looks)} respectively"


def from_end_to_end(match: re.Match[str]) -> str:
    """ "a column of three: cat on top, dog in the middle, horse at the bottom"."""
    names = [Kind(match[f"like{at}"].strip(), match[f"noun{at}"]).words() for at in (1, 2, 3)]
    ends = "top" in match["end"] or "top" in match["start"]
    way = "from top to bottom" if ends else "from left to right"
    if match["start"].split()[-1] in {"right", "bottom"}:
        names.reverse()
    return f"a {'column' if ends else 'row'} of {joined([f'a {name}' for name in names])} {way}"


def on_its_sides(match: re.Match[str]) -> str:
    """ "two cups on both sides of a cake, the left one blue, the right one pink"; "a cake with a cup on
    each side, the left cup ..."."""
    noun, of = PLURALS.get(match["noun"], match["noun"]), match.groupdict().get("of")
    one, other = (f"a {tidy(match['like'] + match[name])} {noun}" for name in ("one", "other"))
    again = f"the {of.split(' ', 1)[1]}" if of and of != "it" else "it"
    begin = f"{match['with']} with " if "with" in match.groupdict() else ""
    return f"{begin}{one} left of {of or 'it'} and {other} right of {again}"


def both_there(match: re.Match[str]) -> str:
    """ "left: a cat above a dog" as both on the left."""
    first, second = (re.sub("^(?:an?|one) ", "the ", match[name]) for name in ("one", "other"))
    side = match["side"]
    place = f"in the {side} half" if match["half"] else SIDES[side]
    both = f"{match['one']} and {match['other']}"
    return f"{match['gap']}{place} {both}, {first} {match['relation']} {second}"


def as_many(match: re.Match[str]) -> str:
    """ "three red apples and as many green ones"."""
    noun = match["noun"] if match["what"] == "ones" else match["what"]
    return f"{match['before']}{match['number']} {match['look']}{noun}"


IS = r"(?: (?:is|are|in|being))?"
MIDDLE = r"in the (?:middle|centre|center)"
CENTRE = rf"one {MIDDLE}(?: and|,) (?:the other four|four|one) in (?:each|every|the) corners?"
CORNERS = rf"one in (?:each|every) corner(?: and|,) one {MIDDLE}"
CENTRED = rf"{MIDDLE}(?: and|,)(?: with)? (?:one|another) in (?:each|every) corner"
MEMBER = rf"(?:an? |one |the )?(?P<like{{0}}>{LIKE})(?P<noun{{0}}>{NOUN})"
ON_SIDES = r"(?:,? one)? on (?:both|each|either) sides?"
SIDED = (
    rf",? (?:and )?the left (?:one|{NOUN})(?: is| in)? (?P<one>{LOOK})"
    rf",? (?:and )?the right (?:one|{NOUN})(?: is| in)? (?P<other>{LOOK}){END}"
)


def centre_and_corners(match: re.Match[str]) -> str:
    """ "a heart in the middle and one in each corner, the middle one red, the others pink"."""
    noun = match["single"] or PLURALS[match["noun"]]
    return f"a {match['middle']} {noun} in the middle and a {match['rest']} {noun} in each corner"


ORDERS: list[tuple[str, Callable[[re.Match[str]], str]]] = [
    (
        rf"\b(?:(?:five|5) (?P<noun>{SEVERAL})[:,] (?:{CENTRE}|{CORNERS})|(?:an?|one) "
        rf"(?P<single>{NOUN}) {CENTRED})"
        rf",? (?:with )?the (?:middle one|one in the middle|central one){IS} "
        rf"(?P<middle>{LOOK})(?:,? and|,) "
        rf"the (?:others?|rest|other ones|ones in the corners|corner ones){IS} (?P<rest>{LOOK}){END}",
        centre_and_corners,
    ),
    (
        rf"\b(?:five|5) (?P<like>{LIKE})(?P<noun>{SEVERAL})[:,] (?:{CENTRE}|{CORNERS}){END}",
        lambda m: (
            f"a {m['like']}{PLURALS[m['noun']]} in each corner and a {m['like']}{PLURALS[m['noun']]} "
            "in the middle"
        ),
    ),
    (
        rf"\b(?:an? )?(?P<line>row|column) (?:of|with) (?P<items>{NEXT_ONE}(?:(?:,| and|, and)? "
        rf"then {NEXT_ONE})+)"
        r"(?= *(?:[.;!?]|$))",
        then_in_line,
    ),
    (
        rf"(?:^|(?<=[.;,] ))(?:an? )?(?P<line>row|column)(?: of)?: (?P<items>(?:an? "
        rf")?{LIKE}(?:{NOUN})(?:(?:, "
        rf"|,? and )(?:an? )?{LIKE}(?:{NOUN})){{2}})(?= *(?:[.;!?]|$))",
        around_the_middle,
    ),
    (
        rf"\b(?:first )?(?P<items>{ONE}(?:(?:,| and|, and)? (?:then|next|followed by) {ONE})+),? "
        rf"(?:all )?"
        rf"(?P<line>{LINE}){END}",
        from_first,
    ),
    (
        rf"(?P<head>\b(?:(?:row|line|column|stack|tower) of )?(?P<number>{NUMBER}) "
        rf"(?:{SEVERAL})\b[^,;:.]*)[:,] (?:first )?"
        rf"(?P<parts>{PART}(?:(?:,| and|, and)? then {PART})+)",
        one_by_one,
    ),
    (
        rf"(?P<items>\b(?:(?:an?|one|two) )?{LIKE}\b(?:{NOUN}|{SEVERAL})(?:, (?:(?:an?|one) "
        rf")?{LIKE}(?:{NOUN}))?,?"
        rf" and (?:(?:an?|one|two) )?{LIKE}(?:{NOUN}|{SEVERAL})) (?P<line>{LINE}|side by side),? "
        rf"(?:with |and )?"
        rf"(?:the )?(?P<look>{LIKE})(?P<noun>{NOUN}){BETWEEN}(?: of (?:it|them|the row|the "
        rf"column|the line))?{END}",
        in_its_middle,
    ),
    (
        rf"(?P<items>\b{ONE}(?:, {ONE})*,? (?:and )?{ONE})[:,;.] (?P<looks>the first(?: one)?(?: "
        rf"is)? {LOOK}"
        rf"(?:(?:,? and|,) the (?:second|third|fourth|last)(?: one)?(?: is)? {LOOK})+){END}",
        respectively,
    ),
    (
        rf"\ban? (?:column|row|line|stack|tower) of (?:three|3)(?: things)?: {MEMBER.format(1)} "
        rf"(?P<start>on (?:the )?top|at "
        rf"the (?:top|bottom)|on the (?:left|right)), {MEMBER.format(2)} in the middle,? (?:and "
        rf")?{MEMBER.format(3)} "
        rf"(?P<end>on (?:the )?top|at the (?:top|bottom)|on the (?:left|right)){END}",
        from_end_to_end,
    ),
    (
        rf"\b(?:two|2|an?) (?P<like>{LIKE})(?P<noun>{SEVERAL}|{NOUN}){ON_SIDES} of "
        rf"(?P<of>it|(?:the|an?|one) {LIKE}(?:{NOUN})){SIDED}",
        on_its_sides,
    ),
    (
        rf"(?P<with>\b(?:an?|one|the) {LIKE}(?:{NOUN})) with (?:two|2|an?) (?P<like>{LIKE})"
        rf"(?P<noun>{SEVERAL}|{NOUN}){ON_SIDES}(?: of it)?{SIDED}",
        on_its_sides,
    ),
    (
        rf"(?P<gap>^|[.;] ?)(?:(?:on|in|at) )?(?:the )?(?P<side>left|right|top|bottom)(?: "
        rf"side|(?P<half> half))? ?: "
        rf"(?P<one>(?:an?|one) {LIKE}(?:{NOUN})) (?P<relation>above|below|over|under|left of|right of) "
        rf"(?P<other>(?:an?|one) {LIKE}(?:{NOUN})){END}",
        both_there,
    ),
    (
        rf"(?P<before>\b(?P<number>{NUMBER}|five|six) "
        rf"{LIKE}(?P<noun>{SEVERAL})\b(?:(?!\b(?:{SEVERAL})\b)[^.;])*? )"
        rf"(?:just |exactly )?as many (?P<look>{LIKE})(?P<what>ones|{SEVERAL})\b(?! as\b)",
        as_many,
    ),
]
"""Orders and the plainer ones that they are read as."""


def in_plain_orders(text: str) -> str:
    """``text`` in small letters with its orders as the reader knows them."""
    for pattern, plainer in ORDERS:
        text = re.sub(pattern, plainer, text)
    return text
