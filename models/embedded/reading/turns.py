"""Turns of phrase for how several things stand, and the plainer ones that the reader knows."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..synonyms import plural
from ..world import GRID, NUMBERS
from .looks import NAMED
from .portions import PLACE
from .sequences import LOOK, Kind, joined
from .words import ANY_NOUN, ANY_PLURAL, COLOUR, COUNTS, LIKE, NOUNS, PLURALS, SIZE, refuse

THING = rf"{LIKE}{ANY_NOUN}\b"
THINGS = rf"{LIKE}{ANY_PLURAL}\b"
NAMES = "|".join([*NOUNS, *PLURALS])
NUMBER = r"(?:two|three|four|five|six|seven|[2-7])"
BOTH = rf"(?P<two>(?:two|2|a pair of) {THINGS})"
OF = r"(?: side)?(?: of (?P<{0}>it|the [a-z]+))?"
LEFT = rf"(?:(?:on|to|at) (?:the |its )?)?left{OF.format('one')}"
RIGHT = rf"(?:(?:on|to|at) (?:the |its )?)?right{OF.format('other')}"
EITHER = rf",? one {LEFT}(?:,? and|,) (?:the other |one )?{RIGHT}(?! corner| half| side)"
LINED = r"side by side|in a (?:row|line|column)|next to each other|one above the other"
RELATION = (
    r"(?:above|below|over|under|beneath|underneath|beside|next to|(?:(?:to|on) the )?(?:left|right) of)"
)
END = r"(?= *(?:[.,;!?]|$))"


def on_both_sides(match: re.Match[str]) -> str:
    """ "two bells, one left and one right of it"; the match itself where it says of nothing."""
    of = match["one"] or match["other"]
    return f"{match['two']} on both sides of {of}" if of else match[0]


def beside_on_both_sides(match: re.Match[str]) -> str:
    """ "a tree to the left and to the right of a house": two trees.

    Raises:
        NotInWorldError: one thing is said to stand on both sides.
    """
    if match["is"]:
        raise refuse("one thing on both sides of another (say how many there are)")
    return "on both sides of"


def of_two(match: re.Match[str]) -> str:
    """ "two cats, the black one left of the orange one" as one of each look."""
    noun = PLURALS[match["noun"]]
    one, other = (f"{match['like']}{match[name]} {noun}" for name in ("first", "second"))
    return f"one {one} and one {other}, the {one} {match['relation']} the {other}"


def of_sizes(match: re.Match[str]) -> str:
    """ "five cups: the big one is blue, the small ones are pink" as one of them and four."""
    total, said = COUNTS[match["number"]], match["said"] and COUNTS[match["said"]]
    if said not in (None, total - 1) or match["size"] == match["size2"]:
        return match[0]
    parts = f"one {match['size']} {match['one']}, {NUMBERS[total - 1]} {match['size2']} {match['rest']}"
    return f"{match['number']} {match['things']}, {parts}"


def list_in_line(match: re.Match[str]) -> str:
    """ "a row of three: a cat, a dog and a bird" as a row of those; the match itself where they are not
    as many."""
    items = re.findall(rf"\b(?:an?|one) {THING}", match["items"])
    return (
        f"a {match['line']} of {match['items']}" if len(items) == COUNTS[match["number"]] else match[0]
    )


def all_alike(match: re.Match[str]) -> str:
    """ "the dog and the bird are brown", where both were named before: each of them."""
    before = {m["noun"] for m in NAMED.finditer(match.string, 0, match.start())}
    names = re.findall(rf"\b(?:{NAMES})\b", match["items"])
    if not {*names} <= before:
        return match[0]
    return match["gap"] + ", ".join(f"the {name} {match['look']}" for name in names)


def others_there(match: re.Match[str]) -> str:
    """ "three stars, one in the corner and the others in the middle" as one here, two there; the match
    itself where those are not as many."""
    some, left = COUNTS[match["some"]], COUNTS[match["number"]] - COUNTS[match["some"]]
    if left < 1 or match["left"] not in (None, NUMBERS[left], str(left)):
        return match[0]
    kind = Kind(match["like"].strip(), PLURALS[match["noun"]])
    here, there = (f"{NUMBERS[number]} {kind.words(number)}" for number in (some, left))
    return f"{here} {match['place']}{match['gap']} {there} "


def looks_in_line(match: re.Match[str]) -> str:
    """ "a row of keys: yellow, black, yellow" as a row of three keys."""
    looks = re.findall(LOOK, match["looks"])
    if not len({*looks}) < len(looks) <= GRID:
        return match[0]
    return f"{match['line']} {NUMBERS[len(looks)]} {match['things']}{match['gap']}{match['looks']}"


def some_in_line(match: re.Match[str]) -> str:
    """ "the cat and the dog side by side", "cat and dog in a row", where both were named before: those
    two alone."""
    before = {m["noun"] for m in NAMED.finditer(match.string, 0, match.start())}
    named = list(NAMED.finditer(match["items"]))
    if not {m["noun"] for m in named} <= before:
        return match[0]
    names = [f"the {m['like']}{m['noun']}" for m in named]
    line = "column" if "column" in match["line"] or "above" in match["line"] else "row"
    return f"{match['gap']} a {line} of {joined(names)}"


def said_before(match: re.Match[str]) -> str:
    """ "below the same tree", where one was named before."""
    before = NAMED.finditer(match.string, 0, match.start())
    return f"the {match['noun']}" if any(m["noun"] == match["noun"] for m in before) else match[0]


def counted(match: re.Match[str]) -> str:
    """ "a rocket and a rocket and a rocket" as "three rockets"."""
    number = 1 + len(re.findall(rf"\b{match['noun']}\b", match["more"]))
    return f"{NUMBERS[number]} {match['like']}{plural(match['noun'])}"


TURNS: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (
        r"^\W*(?:an? )?(?:(?:symmetric(?:al)?|simple|clear|tidy) (?:layout|arrangement|composition)"
        r"|odd one out) *[:,]",
        "",
    ),
    (r"\b(?:in )?(?:broad )?(?:daylight|day (?:ground|background|scene))\b", "by day"),
    (rf"\bflanked (?:on both sides )?by {BOTH}(?:{EITHER})?", r"with \g<two> on both sides of it"),
    (rf"\b{BOTH}{EITHER}", on_both_sides),
    (
        r"\b(?:in )?between (?:the two|both)(?: of them)?(?=[,.;!?]|$| (?:there|an?|one|stands)\b)",
        "between them",
    ),
    (
        r"\b(?P<is>is )?(?:to|on|at) the (?:left|right)(?: side)? and (?:also )?(?:to|on|at) the"
        r" (?:left|right)(?: side)? of\b",
        beside_on_both_sides,
    ),
    (rf"\bthe same (?P<noun>{'|'.join(NOUNS)})\b", said_before),
    (rf"\b(?:directly|immediately|straight) (?={RELATION})", ""),
    (
        rf"\b({NUMBER} {THINGS}) ({RELATION} (?:it|them|the {THINGS}|the {THING})),? (?:all )?"
        rf"(?:in a (?:row|line)|side by side|next to each other){END}",
        r"a row of \1 \2",
    ),
    (
        rf"\b(texts?_[a-z]+_) +(?:written |painted )?in ({COLOUR})(?: (?:letters?|writing|paint|ink))?"
        r"(?! (?:and|or)\b)",
        r"\2 \1",
    ),
    (rf",? of which (?:exactly |only )?({NUMBER}|one) (?:is|are) (?={LOOK})", r", \1 "),
    (rf"\b(the (?:rest|others))(?: (?:is|are))? (?:all|both) (?={LOOK})", r"\1 "),
    (rf"\ban? (top|bottom|upper|lower) row (?=of {NUMBER} )", r"at the \1 a row "),
    (rf"\ban? (left|right)(?:[ -]?hand)? column (?=of {NUMBER} )", r"on the \1 a column "),
    (
        rf"\b(?:an?|one) (?P<like>{LIKE})(?P<noun>{'|'.join(NOUNS)})"
        r"(?P<more>(?:(?:,| and|, and) (?:an?|one|another) (?P=like)(?P=noun)\b){1,3})"
        rf"(?=,? (?:all )?(?:in (?:an?|one) (?:row|line|column)|{LINED}|stacked))",
        counted,
    ),
    (rf",? (?:exactly |only )?({NUMBER}|one) of (?:which|them) (?:is|are) (?={LOOK})", r", \1 "),
    (rf"\bthe remaining one(?: (?:is|being))?(?= {LOOK})", "the rest"),
    (
        rf"\b(?:two|2|a pair of) (?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})[,:;.] the "
        rf"(?P<first>{LOOK}) "
        rf"one (?:is |stands )?(?P<relation>{RELATION}|to the (?:left|right) of) the "
        rf"(?P<second>{LOOK}) one\b",
        of_two,
    ),
    (
        rf"\b(?P<number>{NUMBER}) (?P<things>{THINGS})[,:;.] the (?P<size>{SIZE}) one(?: (?:is|in))? "
        rf"(?P<one>{COLOUR})(?:,? and|,|;) the (?:other )?(?:(?P<said>{NUMBER}) "
        rf")?(?P<size2>{SIZE}) ones"
        rf"(?: (?:are|in))? (?P<rest>{COLOUR}){END}",
        of_sizes,
    ),
    (
        rf"\ban? (?P<line>row|column) of (?P<number>two|three|four|[2-4])(?: things| objects| "
        rf"shapes)?[:,] "
        rf"(?P<items>(?:an?|one) {THING}(?:(?:,? and |, )(?:an?|one) {THING})+)",
        list_in_line,
    ),
    (
        rf"(?P<gap>[,;:.]| and) (?P<items>(?:the )?{THING}(?:, (?:the )?{THING})*,? and (?:the "
        rf")?{THING}),? "
        rf"(?:(?:are|is|stand|standing|should be|both|all) )*(?P<line>{LINED})",
        some_in_line,
    ),
    (
        rf"(?P<gap>(?:^|[,;:.] |\band |\bbut )(?:and |but )?)(?P<items>the (?:{NAMES})(?:, the "
        rf"(?:{NAMES}))*,? "
        rf"and the (?:{NAMES})) (?:(?:are|should be|both|all) )*(?P<look>{LOOK}){END}",
        all_alike,
    ),
    (
        rf"\b(?P<number>{NUMBER}) (?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})[,:]? "
        rf"(?P<some>one|{NUMBER})"
        rf"(?: of them)? (?P<place>{PLACE})(?P<gap>,? and|,) (?:the )?"
        rf"(?:others?|rest|remaining ones?|other (?P<left>{NUMBER})) (?=(?:in|on|at) the )",
        others_there,
    ),
    (
        rf"\b(?P<line>(?:row|column|line|stack|tower) of) (?P<things>{THINGS})(?P<gap>[,:] )"
        rf"(?P<looks>{LOOK}(?:(?:,? and |, ){LOOK})+){END}",
        looks_in_line,
    ),
    (r"\bon the roof of (?=the )", "on top of "),
    (r"\bin (?:this|that|the same|the following) order,? (?=from (?:left|right|top|bottom) to\b)", ""),
    (
        r"\b(from (?:left|right|top|bottom) to (?:left|right|top|bottom)),? in "
        r"(?:this|that|exactly this) order\b",
        r"\1",
    ),
    (r"(?<!in )(?<!as )\ban? (row|column|line)(?=: )", r"\1"),
    (
        rf"\b(three {THINGS}[^,.;:]*)[,:] two ({LOOK})(?: ones)?,? (?:and|with) between them an? "
        rf"({LOOK}) one\b",
        r"\1, the outer two \2 and the middle one \3",
    ),
    (
        rf"\b((?:four|4) {THINGS}),? (?:arranged |standing |placed )?(?:in an? square "
        rf"(?:formation|pattern|"
        r"arrangement|shape)|forming a square)",
        r"\1 in two rows of two",
    ),
]
"""Turns of phrase and plainer ones, in order."""


def in_plain_turns(text: str) -> str:
    """``text`` in small letters in the turns of phrase that the reader knows."""
    for pattern, plainer in TURNS:
        text = re.sub(pattern, plainer, text)
    return text
