"""Wordings of the embedded world's requests, and the plainer ones that they are read as."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..synonyms import plural
from .words import ANY_LOOK, ANY_PLURAL, ANY_THING, COLOUR, COUNTS, LIKE, NOUNS, PLURALS, SIZE

BACKGROUND = re.compile(
    r"\b(?:on|with|against|over|and)? ?(?:a |the )?"
    r"(?:(?:plain|white|light|simple|clean|empty|off-white) )+"
    r"(?:background|backdrop|ground|canvas)\b"
)
NEVER = (
    "(?:text|writing|words?|letters?|watermarks?|borders?|frames?|shadows?|outlines?|logos?|people|"
    "backgrounds?|backdrops?)"
)
OTHER = (
    r"(?:other (?:shapes?|objects?|things?|figures?|items?|elements?|details?|stuff)|others|more|"
    r"(?:any|some)thing else)"
)
THING = f"{ANY_THING}"
SEVERAL = rf"{LIKE}{ANY_PLURAL}\b"
NAMED = rf"(?:(?:an?|the|one|my) )?{LIKE}{THING}\b"
NUMBER = f"(?:{'|'.join(word for word, count in COUNTS.items() if count > 1)})"
FAMILIES = {
    "animals": "cat dog fish horse frog bird spider",
    "vehicles": "car bicycle truck plane boat rocket",
    "plants": "tree leaf",
    "buildings": "house",
    "fruits?": "apple",
}
"""What is called by one word, where there must be none of it."""
WHERE = r"(above|below|over|under|beneath|underneath|between|next to|beside|(?:left|right) of)"


def in_two_corners(match: re.Match[str]) -> str:
    """ "an ice cream in each of the top corners": one here and one there."""
    what, side = match[1], match[2].replace("upper", "top").replace("lower", "bottom")
    others = ("left", "right") if side in {"top", "bottom"} else ("top", "bottom")
    ends = (f"{side} {other}" if side in {"top", "bottom"} else f"{other} {side}" for other in others)
    return " and ".join(f"a {what} in the {end} corner" for end in ends)


def of_number(match: re.Match[str]) -> str:
    """ "circles, four of them": four circles; the match itself where a number came before."""
    before = match.string[: match.start()].split()
    return match[0] if before and before[-1] in COUNTS else f"{match[2]} {match[1]}"


def on_two_sides(match: re.Match[str]) -> str:
    """ "a star left of a house and a moon right of the house" for one and another on its sides."""
    one, side, other, opposite, middle = match.groups()
    if {side, opposite} != {"left", "right"}:
        return match[0]
    again = f"the {middle.split()[-1]}" if middle not in {"it", "him", "her"} else middle
    return f"{one} {side} of {middle} and {other} {opposite} of {again}"


def one_each(match: re.Match[str]) -> str:
    """ "in the colours red, blue and green": one of each."""
    ones = [f"one {colour}" for colour in re.findall(COLOUR, match[1])]
    return f", {', '.join(ones[:-1])} and {ones[-1]}"


def of_one_colour(match: re.Match[str]) -> str:
    """ "red: a cat and a dog": each of them."""
    return re.sub(rf"\b({THING})\b", rf"{match[1]} \1", match[2])


REWRITES: list[tuple[str, str | Callable[[re.Match[str]], str]]] = [
    (r"(?:do not|don't) (?:draw|want|add|include|put|show|need)(?: any| the| an?)?", "no"),
    (r"leave out(?: any| the| an?)?", "no"),
    (r"together with(?= (?:an?|one|two|three|the)\b)", "and"),
    (
        rf"nothing (?=(?:{COLOUR})\b(?! {ANY_THING}\b))({COLOUR})",
        r"no \1 objects",
    ),
    *(
        (
            rf"(?:no|without)(?: any)? (?:other )?{many}",
            ", ".join(f"no {plural(name)}" for name in names.split()),
        )
        for many, names in FAMILIES.items()
    ),
    (rf"(?:no|without)(?: any)? ([a-z]+)(?: please)? ?, (?:only|just) (?={SEVERAL})", r"no \1. "),
    (r"it is (?:[2-9]|1\d)(?: years? old)?(?: today| tomorrow| now)?(?= so\b| and\b| ?[,.;!]|$)", ""),
    (rf"(?:some|many|lots of|a lot of|a few) (?={NUMBER} {SEVERAL})", ""),
    (
        r"(?:(?:in|of) )?(?:any|whatever|whichever) colou?rs?"
        r"(?: (?:you|u) (?:like|want|choose|prefer))?(?!,? (?:but|except|besides|other)\b)"
        r"|(?:the )?colou?rs? (?:does not|doesn't|do not|don't) matter",
        "",
    ),
    (
        rf"({SEVERAL})(?: please)?, (?:exactly |just )?({NUMBER}) of (?:them|those)"
        r"(?= *(?:[.,;!?]|$))",
        of_number,
    ),
    (
        r"on (?:its|the|either|each) (?:left and (?:(?:its|the) )?right"
        r"|right and (?:(?:its|the) )?left)(?! of)",
        "on both sides of it",
    ),
    (r",? ?-? ?(?:just )?one of each(?= (?:in|on|at|side)\b| ?[.,;!?]|$)", ""),
    (
        r"(?:,? and |,? with |, )?nothing in the (?:middle|cent(?:er|re))",
        lambda m: "" if "corner" in m.string else m[0],
    ),
    (
        rf"an? ({LIKE}{THING}) in the (top|bottom|upper|lower) (left|right)"
        r"(?: corner)? and (?:in )?(?:the )?(?:(top|bottom|upper|lower) )?(left|right) corners?",
        lambda m: (
            f"a {m[1]} in the {m[2]} {m[3]} corner and a {m[1]} in the {m[4] or m[2]} {m[5]} corner"
        ),
    ),
    (r"(above|below|under|over) it all", r"\1 them"),
    (
        rf"({SEVERAL}) and (?:another|one more|an additional) ({ANY_LOOK}) one",
        lambda m: f"{m[1]} and a {m[2]} {PLURALS[m[1].split()[-1]]}",
    ),
    (
        rf"({NAMED}),? (?:(?:to|on) the )?(left|right)(?: of)?,? and ({NAMED}) "
        rf"(?:(?:to|on) the )?(left|right)(?: of)? (it|him|her|{NAMED})",
        on_two_sides,
    ),
    (
        rf"(?<![a-z] )({NAMED}),? (?:(?:to|on) the )?(left|right)(?: of)?, ({NAMED}) "
        rf"(?:(?:to|on) the )?(left|right) of (it|him|her|{NAMED})",
        on_two_sides,
    ),
    (
        rf"(?<![a-z,] )({NAMED}) to the (left|right)((?:,|,? and) {NAMED}) to the (left|right)"
        r"(?= ?(?:[.,;!?]|$))",
        r"\1 on the \2\3 on the \4",
    ),
    (r"(?:^|(?<=[.;!?] ))in (?:a|one) (row|column)(?= ?:)", r"a \1 of"),
    (r"rocket ships?", lambda m: "rockets" if m[0].endswith("s") else "rocket"),
    (rf"{WHERE} both ({NAMED}) and ({NAMED})", r"\1 \2 and \1 \3"),
    (rf"both (?={ANY_PLURAL} and {ANY_PLURAL}\b)", ""),
    (rf"one (?=(?:pair|couple|trio) of {SEVERAL})", "a "),
    (
        rf"((?:row|column|line) of) ({SEVERAL}), ({NUMBER}) of them",
        r"\1 \3 \2",
    ),
    (
        rf",? ?in the (?:(?:two|three|four|five|six) )?colou?rs:? ({COLOUR}(?:,? (?:and )?{COLOUR})+)",
        one_each,
    ),
    (rf"all (?:the |of the )?(?={ANY_PLURAL}\b(?![^:]* (?:is|are) )[^.,;:!?]*:)", ""),
    (r"(?:no|without)(?: any)? ([a-z]+) (?:anywhere|at all|in sight|around|nearby)", r"no \1"),
    (rf"{WHERE} both(?: of (?:them|these|those))?(?=[,.;:!?]| and\b|$)", r"\1 them"),
    (
        rf"({THING}) (?:to|on|at) (?:(?:the|its) (?:left|right)(?: side)? of (it|the [a-z]+)|its "
        rf"(?:left|right)),?"
        rf" and(?: also)?(?: another| a second| one)(?: one| {THING})? (?:to|on|at) (?:the|its) "
        rf"(?:left|right)"
        r"(?: side)?(?: of (?:it|the [a-z]+))?",
        lambda m: f"{m[1]} on both sides of {m[2] or 'it'}",
    ),
    (
        rf"(?:an?|one) ((?:(?:{SIZE}|{COLOUR}) )*[a-z]+) (?:in|at|on) (?:each|both) (?:of )?(?:the )?"
        r"(?:two )?(top|bottom|upper|lower|left|right)(?:[ -]hand)? corners?",
        in_two_corners,
    ),
    (r"(left|right) and (?:left|right) of", r"on both sides of"),
    (r"(?:in|at) each side", "on each side"),
    (rf"(?:slices?|pieces?) of (?=(?:(?:{SIZE}|{COLOUR}) )?cakes?\b)", " "),
    (r"church (?=bells?\b)", " "),
    (r"on (?:its|his|her) head", "on top of it"),
    (
        r"on (?:the|its|his|her|our|my) roof(?: of (?:the house|it))?(?! of)",
        lambda m: "on top of the house" if m.string[: m.start()].count("house") == 1 else m[0],
    ),
    (r"(above|below) and (?:above|below|under)", r"\1 and below"),
    (
        r"(?<=row )([^.;:!?]*)(?:to the )?(left|right) of the (?:last|rightmost|leftmost|first) one",
        r"\1\2 of them",
    ),
    (
        r"(?:in|at) (?:the )?(?:very )?(?:middle|centre|center) of (?=(?:an?|the) "
        r"(?:[a-z]+ )?(?:meadow|grass|lawn|field|night|sky))",
        "in the middle on ",
    ),
    (r"(?:at|by|on) (?:its|the) sides?(?=[,.;!?]|$)", "next to it"),
    (r"goes? (?=(?:to the )?(?:left|right) of|above|below|under|over|next|between|(?:in|on|at) )", ""),
    (
        rf"({THING}) (left|right) (?=(?:(?:an?|the|{COLOUR}|{SIZE}) )*{THING} (?:left|right|top"
        rf"|bottom))",
        r"\1 \2, ",
    ),
    (r"(?<=\w)(?<!lined) up(?=,|\.|;| and\b|$)", " at the top"),
    (r"(?<=\w) down(?=,|\.|;| and\b|$)", " at the bottom"),
    (r"my old", "my"),
    (
        rf"(?:to|on) the (left|right) (and|,) ((?:an?|one|the)? ?{LIKE}{THING}) "
        rf"(?:to|on) the"
        rf" (right|left) of (?:an?|the)? ?({LIKE})({THING})",
        r"\1 of a \5\6 \2 \3 \4 of the \6",
    ),
    (
        r"(left|right)(?: side)? of it ([^.;:!?]*?)(,| and) (?:on|to|at) (?:the |its )?(right"
        r"|left)(?: side)?"
        rf" (?=(?:an?|one|two|the|{COLOUR}|{SIZE}) )",
        r"\1 of it \2\3 \4 of it ",
    ),
    (
        rf"on one side(?: of (?:it|the [a-z]+))?,? and ((?:an?|one|the)? ?(?:{ANY_LOOK} "
        rf")*{THING})"
        r" on the other(?: side)?(?: of it)?",
        r"to the left of it and \1 to the right of it",
    ),
    (
        rf"in the (?:middle|centre|center) of (?=(?:the two|both|two|them\b|(?:an?|the) "
        rf"{LIKE}"
        rf"{THING} and (?:an?|the)))",
        "between ",
    ),
    (r"(?:one|a) (?:single|lone)", "one"),
    (r"(?:an? )?(?:grand )?total of", ""),
    (
        r",? (?:it|that|which|who) (?:has|have|had)(?: got)? (?=(?:an?|one|two|three|the|[2-8])\b)",
        " with ",
    ),
    (
        rf"(?:but |and )?(?:(?:that|which) )?(?:(?:is|are) not|(?:is|are)n't|not) ({COLOUR})"
        r"(?=[,.;!?]|$| (?:but|make|and make)\b)",
        r", no \1,",
    ),
    (rf"(?:(?:of|in) )?(?:the |their )?colou?rs?(?:,? (?:is|are))?:? (?={COLOUR})", ""),
    (rf"(?:(?:of|with|in) )(?:an? |the )?({COLOUR}) colou?rs?", r"in \1"),
    (rf"({COLOUR}) (?:in )?colou?r", r"\1"),
    (rf"({COLOUR})s (?={ANY_THING}\b)", r"\1 "),
    (rf"(?:all|everything)(?: (?:in|is))? ({COLOUR}): ([^:.;!?]*)", r"\2, all \1"),
    (
        rf"({COLOUR})(?: (?:things?|objects?|ones))? ?: ((?:(?!{COLOUR}|:)[^.;!?])*{THING})",
        of_one_colour,
    ),
    (r"(left|right|top|bottom) side(?: of the (?:picture|page|image))?(?= ?:)", r"\1"),
    (
        r"((?:picture|image|drawing|scene) (?:has|contains|shows|with) (?:(?! with )[^,.;])*) in it"
        r"(?=[,.;!?]|$)",
        r"\1",
    ),
    (rf"(?:but )?not an? ({COLOUR}|{SIZE}) one", r"no \1,"),
    (rf"the (?:first|second|third|fourth|last)(?: one)?(?: is)?(?= {ANY_LOOK}\b)", "one"),
    (r"(?<=\w), (?:which|who|that) (?:is|are|stands?|sits?)", ""),
    (r"(?<!the )right (?=(?:in|at|on) the)", ""),
    (r"(above|over|below|under|beneath) the (?:row|column|line|group)(?! of)", r"\1 the last one"),
    (r"ice ?cream cone(s?)", r"icecream\1"),
    (r"the other (?=[a-z]+ (?:is|in|on|at)\b)", "one "),
    (
        r"(?<!in a )(?<!in one )(?<!top )(?<!bottom )(?<!upper )(?<!lower )(row|column)(?=:)",
        r"a \1 of",
    ),
    (r"(?:is|are)n't (?:any|an?)", "no"),
    (r"one (above|below|under) another", r"one \1 the other"),
    (r"(?:that|which|who) (?:is|are)", ""),
    (r"another|an? second|one more", "a"),
    (r"(?:up|over|down) (?=(?:at|on|in|there) |top)", ""),
    (r"down below|down at the bottom", "at the bottom"),
    (r"(?:dead |front and )?(?:centred|centered|(?:front and|dead) cent(?:re|er))", "in the middle"),
    (
        r"(?<!the )(?<!exact )(?<!very )(?<!top[ -])(?<!bottom[ -])(?<!upper[ -])(?<!lower[ -])"
        r"(?<!left[ -])(?<!right[ -])(?:middle|centre|center)(?= ?(?:[:,.!]|$))",
        "in the middle",
    ),
    (r"the two of (?:them|these)", "them"),
    (r"him|her(?=[,.;!?]|$)", "it"),
    (r"(?:the )?back(?:ground|drop)(?: is)?:? (?=(?:an? |the )?(?:meadow|grass|night|day|sky))", ""),
    (r"(left|right) from", r"\1 of"),
    (r"(?:fir|pine|christmas) (trees?)", r"\1"),
    (r"(?:coffee|tea) (cups?|mugs?)", r"\1"),
    (r"crescent (moons?)", r"\1"),
    (
        rf"(?:and |but |with )*(?:no|without)(?: any)? {NEVER}(?:,? (?:or|and|nor)(?: no)? {NEVER})*"
        r"(?: in (?:it|there))?",
        " ",
    ),
    (
        rf"(?:and |but |with )*(?:nothing (?:else|more)|(?:no|without)(?: any)? {OTHER})"
        r"(?: in (?:it|there))?",
        " ",
    ),
    (r"neither|not (?:a single|any)", "no"),
    (r"(?:but |and )?not an?", "no"),
    (r"nor", "or"),
    (r"two pairs of", "four"),
    (r"three pairs of", "six"),
    (r"none of (?:them|these|those|which)(?: (?:is|are))?", "noneofthem"),
    (r"(?:with )?(?:no|none|without)(?: any| an?)?(?: (?:is|are))?", "no"),
    (r"to the (?:left|right) and (?:above|below|under|over)", "diagonally"),
    (rf"(?:and )?the other(?: one)?(?: is)?(?= {ANY_LOOK})", "one"),
    (r"the other (?=two|three|four|[2-7])", ""),
    (r"into", "in"),
    (
        r"(?:next to|beside) (it|the [a-z]+|an? [a-z]+),? one (?:on|at) (?:each|either) side",
        r"on both sides of \1",
    ),
    (r"(?<=s), one (?:on|at) (?:each|either) side of", " on both sides of"),
    (r"(?<=s), one (?:on|at) (?:each|either) side(?! of)", " on both sides of it"),
    (r"the (top|bottom) row (?:is|has|holds|contains|shows)", r"at the \1"),
    (r"the (left|right) column (?:is|has|holds|contains|shows)", r"on the \1"),
    (r"half (?:a )?dozen", "six"),
    (r"a few|several", "some"),
    (rf"(some (?:{ANY_LOOK},? (?:and )?)*)fish(?! shape)", r"\1fishes"),
    (r"([1-9]) ?x", r"\1"),
    (r"(\w+) x ?([1-9])", r"\2 \1"),
    (r"love hearts", "hearts"),
    (r"love heart", "heart"),
    (r"(?:to|on|at) (?:its|their|his|her) (left|right)(?: (?:hand )?side)?", r"\1 of it"),
    (r"(above|over|below|under|beneath|of|to|beside) (?:that|this)(?: one)?", r"\1 the last one"),
    (r"on top,? (?:of which|there is)", "on top"),
]
"""Wordings and the plainer ones that they are read as, in order."""
BRACKETED_LOOK = re.compile(rf"\b({ANY_THING}) ?\( ?(?:in )?({ANY_LOOK}) ?\)")
"""A colour or a size in brackets after its thing."""
BRACKETED = re.compile(
    rf"\b({'|'.join([*NOUNS, *PLURALS])}) ?"
    rf"\( ?(?:({SIZE})(?:,? (?:and )?({COLOUR}))?|({COLOUR}),? (?:and )?({SIZE})) ?\)"
)
"""What a thing is like, in brackets after it: its noun, and size and colour in either order."""
