"""Reads what stands in which corner: "one in each corner, the top two green, the others pink"."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..world import COLOURS
from .parts import END, GAP, IS, JOINT
from .sequences import LOOK, Kind, joined, tidy
from .words import ANY_LOOK, ANY_NOUN, NOUNS, PLURALS, SIZE_WORDS

CORNERS = ("top left", "top right", "bottom left", "bottom right")
SIDES = ("top", "bottom", "left", "right")
SAME = {"upper": "top", "lower": "bottom"}
PLAIN_LIKE = rf"(?:{ANY_LOOK} )*"
LIKE = rf"(?P<like>{PLAIN_LIKE})"
SINGULAR = rf"(?P<noun>{'|'.join(NOUNS)})"
SEVERAL = rf"(?P<several>{'|'.join(PLURALS)})"
OF = r"(?: of (?:the )?(?:picture|image|page|scene|canvas))?"
EACH = rf"(?:in|at|for) (?:each|every)(?: one)?(?: of the)?(?: four)? corners?{OF}"
IN_ALL = rf",? (?:with )?(?:one )?(?:{EACH}|(?:in|at) (?:all )?(?:of )?(?:the )?(?:four )?corners{OF})"
FOUR = rf"(?:all )?(?:the )?four corners{OF}"
HEADS = [
    (re.compile(rf"\b{EACH},? (?:there is )?(?:one|an?) {LIKE}{SINGULAR}(?P<gap>{GAP.pattern})"), True),
    (
        re.compile(rf"\b(?:one|an?|a single) {LIKE}{SINGULAR},? (?:one )?{EACH}(?P<gap>{GAP.pattern})"),
        True,
    ),
    (re.compile(rf"\b(?:four|4) {LIKE}{SEVERAL}{IN_ALL}(?P<gap>{GAP.pattern})"), True),
    (
        re.compile(
            rf"\b{LIKE}{SEVERAL} (?:in|at) (?:all )?(?:the )?four corners{OF}(?P<gap>{GAP.pattern})"
        ),
        True,
    ),
    (re.compile(rf"\b(?:four|4) {LIKE}{SEVERAL}(?P<gap> ?[:,;.] ?{JOINT})"), False),
]
"""Four of a kind, and whether they are said to stand in the corners."""
CORNER = r"(?:top|upper|bottom|lower)[ -](?:left|right)(?:[ -]?hand)?"
ONES = rf"(?: (?:ones?|corners?|pair|{'|'.join(PLURALS)}))*"
SIDE = r"(?:top|upper|bottom|lower|left|right)(?:[ -]?hand|most)?"
WHICH = (
    rf"(?:the |both |both the )?(?:{CORNER}(?: one| corner)?(?:(?:,? and |, )(?:the )?{CORNER})*{ONES}"
    rf"|(?:two |2 )?{SIDE}(?: two| 2)?{ONES}|(?:two|ones) (?:in|on|at) the {SIDE}"
    rf"|(?:other|others|rest|remaining)(?: two| three| [23])?{ONES})"
)
PART = re.compile(
    rf"{JOINT}(?:(?:one )?(?:(?:in|at|on) )?(?P<which>{WHICH}){IS} (?:an? |one |all |both )?"
    rf"(?P<look>{LOOK})"
    rf"(?: ones?\b)?|(?:the |an? |one |two |three )?(?P<look2>{LOOK})"
    rf"(?: (?:ones?|{'|'.join(PLURALS)}))?(?: (?:in|at|on))? (?P<which2>{WHICH}))"
)
OTHERS = re.compile(
    rf"\b(?:(?P<number>two|three|[23]|an?|one) )?{LIKE}(?P<noun>{'|'.join([*NOUNS, *PLURALS])}) "
    rf"(?:in|at) (?:each of |all )?(?:the |each )?(?:other|remaining|last|fourth)(?: "
    rf"(?P<left>two|three|[23]))? "
    rf"corners?{OF}"
)
LAST = re.compile(
    rf"\b(?:in|at) the (?:last|fourth|other|remaining)(?: free)? corner,? (?:there is "
    rf")?(?P<what>(?:an?|one) "
    rf"{PLAIN_LIKE}{ANY_NOUN}\b)"
)
"""What stands in the one corner that is left, said after it."""
TWO = re.compile(
    rf"\b(?:(?:two|2) )?{LIKE}(?P<several>{'|'.join(PLURALS)}) (?:in|at) (?:both |the )?(?:two )?"
    rf"(?P<side>top|upper|bottom|lower|left|right)(?:[ -]?hand)?(?: two)? corners{OF}"
)
TWO_LOOKS = re.compile(
    rf"{TWO.pattern},? (?:the )?left(?: one| {'| '.join(NOUNS)})?{IS} (?P<first>{LOOK})(?:,? and|,) "
    rf"(?:the )?right(?: one| {'| '.join(NOUNS)})?{IS} (?P<second>{LOOK})"
)
ITEM = rf"(?:an?|one) {PLAIN_LIKE}{ANY_NOUN}\b"
LISTED = re.compile(
    rf"(?:^|(?<=[.;] ))in (?:all )?(?:the )?(?:four )?corners{OF}[:,]? (?P<items>{ITEM}(?:(?:,? "
    rf"and |, ){ITEM}){{1,3}})"
    r"(?= *(?:[.;!?]|$))"
)
NP = rf"(?:an?|one) {LIKE}(?P<noun>{'|'.join(NOUNS)}|one)\b"
PAIR = rf"(?P<first>{CORNER})(?: corner)? and (?:in |at )?(?:the )?(?P<second>{CORNER})(?: corners?)?"
AHEAD = re.compile(rf"(?:^|(?<=[.;:,!?] ))(?:(?:in|at) (?:the )?)?{PAIR},? {NP}")
NUMBERS = {"two": 2, "2": 2, "three": 3, "3": 3}


class Part(NamedTuple):
    """What is said of some corners; none: of those of which nothing else is."""

    corners: list[str]
    look: str
    number: int | None
    """How many those are said to be."""


def with_corners(text: str) -> str:
    """``text`` in small letters, with what stands in each corner one by one."""
    for pattern, everywhere in HEADS:
        for head in reversed([*pattern.finditer(text)]):
            said, end = shared_out(text, head, everywhere=everywhere)
            if said:
                text = f"{text[: head.start()]}{said}{text[end:]}"
    for rewritten, plainer in REWRITES:
        text = rewritten.sub(plainer, text)
    return text


def shared_out(text: str, head: re.Match[str], *, everywhere: bool) -> tuple[str, int]:
    """Four of a kind with the corner of each, and where what is said of them ends; "": not all is."""
    looks, at, end, placed = dict[str, str](), head.end(), head.end(), True
    while (match := PART.match(text, at)) and len(looks) < len(CORNERS):
        part = part_of(match)
        here = part.corners or [corner for corner in CORNERS if corner not in looks]
        if not here or looks.keys() & {*here} or part.number not in (None, len(here)):
            return "", end
        looks |= dict.fromkeys(here, part.look)
        placed = placed and (everywhere or len(part.corners) == 1)
        end = match.end()
        gap = GAP.match(text, end)
        if gap is None:
            break
        at = gap.end()
    names = {*looks.values()}
    mixed = not (names.isdisjoint(SIZE_WORDS) or names.isdisjoint(COLOURS))
    if mixed or len(looks) < len(CORNERS) or not placed or not END.match(text, end):
        return "", end
    noun = head.groupdict().get("noun") or PLURALS[head["several"]]
    kinds = {corner: Kind(tidy(f"{head['like']}{looks[corner]}"), noun) for corner in CORNERS}
    return joined([f"one {kinds[corner].words()} in the {corner} corner" for corner in CORNERS]), end


def part_of(match: re.Match[str]) -> Part:
    """The corners that a part is about, and what stands there."""
    words = re.findall(r"[a-z0-9]+", match["which"] or match["which2"])
    names = [SAME.get(word, word.removesuffix("hand").removesuffix("most")) for word in words]
    sides = [word for word in names if word in SIDES]
    pairs = [f"{row} {column}" for row, column in zip(sides[::2], sides[1::2], strict=False)]
    corners = pairs or [corner for corner in CORNERS if sides and sides[0] in corner.split()]
    number = next((NUMBERS[word] for word in words if word in NUMBERS), None)
    return Part(corners, tidy(match["look"] or match["look2"]), number)


def in_the_others(match: re.Match[str]) -> str:
    """One in each corner of which nothing was said; the match itself where those are not as many."""
    before = re.findall(CORNER, match.string[: match.start()])
    taken = {" ".join(SAME.get(word, word) for word in re.split("[ -]", name)[:2]) for name in before}
    left = [corner for corner in CORNERS if corner not in taken]
    said = {NUMBERS[word] for word in (match["number"], match["left"]) if word in NUMBERS}
    single = re.search(r"corner$", re.sub(OF + "$", "", match[0])) and "each" not in match[0]
    if not taken or not left or said - {len(left)} or (single and len(left) > 1):
        return match[0]
    noun = PLURALS.get(match["noun"], match["noun"])
    return joined([f"one {match['like']}{noun} in the {corner} corner" for corner in left])


def in_two(match: re.Match[str]) -> str:
    """ "cats in the top corners" as one here and one there, each with its look where one is told."""
    side, said = SAME.get(match["side"], match["side"]), match.groupdict()
    corners = [corner for corner in CORNERS if side in corner.split()]
    noun, told = PLURALS[match["several"]], (said.get("first") or "", said.get("second") or "")
    if side in {"left", "right"} and told[0]:
        return match[0]
    kinds = [Kind(tidy(f"{match['like']}{look}"), noun) for look in told]
    parts = zip(kinds, corners, strict=True)
    return joined([f"one {kind.words()} in the {corner} corner" for kind, corner in parts])


def in_both(match: re.Match[str]) -> str:
    """ "top left and bottom right a cat" as one here and one there; "one" is what was named before."""
    noun = match["noun"]
    if noun == "one":
        named = re.findall(rf"\b{ANY_NOUN}\b", match.string[: match.start()])
        if not named:
            return match[0]
        noun = named[-1]
    kind = Kind(tidy(match["like"]), noun)
    corners = [" ".join(re.split("[ -]", match[name])[:2]) for name in ("first", "second")]
    return joined([f"one {kind.words()} in the {corner} corner" for corner in corners])


def corner_again(match: re.Match[str]) -> str:
    """ "in the top left corner and in the bottom right one"."""
    said = "corner" in match.string[: match.start()]
    return f"{match['where']} corner" if said else match[0]


def one_in_each(match: re.Match[str]) -> str:
    """ "in the corners: a cat, a dog, a bird and a fish"."""
    return ", ".join(f"{name} in a corner" for name in re.findall(ITEM, match["items"]))


REWRITES = [
    (LISTED, one_in_each),
    (re.compile(rf"(?P<where>\b(?:in|at) the {CORNER}) one(?= *(?:[.,;!?]|$|and\b))"), corner_again),
    (AHEAD, in_both),
    (TWO_LOOKS, in_two),
    (TWO, in_two),
    (LAST, lambda match: f"{match['what']} in the other corner"),
    (OTHERS, in_the_others),
]
