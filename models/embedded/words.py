"""The words of the embedded world: from a prompt to tokens, every word known or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ...errors import NotInWorldError
from .near import nearest
from .signs import MARK, mark_texts
from .synonyms import SPACED, SYNONYMS, plural, spoken
from .world import CELLS, COLOURS, MAX_OBJECTS, NUMBERS, THINGS

NOUNS: dict[str, str | None] = {
    **{name: name for name in THINGS},
    **{other: name for other, name in SYNONYMS.items() if name in THINGS},
    **dict.fromkeys(("object", "shape", "thing", "figure", "item")),
}
PLURALS = {plural(noun): noun for noun in NOUNS} | {"rhombi": "rhombus", "snowmans": "snowman"}
COUNTS = {word: number for number, word in enumerate(NUMBERS) if number}
COUNTS |= {str(number): number for number in range(1, MAX_OBJECTS + 1)}
COUNTS |= {"a": 1, "an": 1, "single": 1, "pair": 2, "couple": 2, "both": 2, "trio": 3}
SHADES = {other: name for other, name in SYNONYMS.items() if name in COLOURS}
"""Other names of the world's colours."""
SIZE_WORDS = dict.fromkeys("small little tiny mini".split(), "small")
SIZE_WORDS |= dict.fromkeys("big large huge giant".split(), "big")
STOP_WORDS = frozenset(
    """
    please draw put place add me us paint show make create generate render give i we want would
    like need can could you there is are be should must exactly just only also plus
    containing contains consisting showing shows depicting that which some placed located
    standing sitting sits stands lies arranged positioned coloured colored together total so
    this have has to for my our where while its their very i'd i'll i'm let's there's it's
    they're see let get try hi hello hey thanks thank bright beautiful nice cute lovely pretty
    simple plain solid filled identical kindly being ordered some has having think write written letters
    capital friendly happy funny adorable sweet real against
    """.split()
)
SCENES = frozenset("picture image drawing canvas photo scene illustration page painting".split())
SIDES = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
PICTURE = r"(?: of (?:the )?(?:picture|image|canvas|page|scene))?"
BACKGROUND = re.compile(
    r"\b(?:on|with|against|over|and)? ?(?:a |the )?"
    r"(?:(?:plain|white|light|simple|clean|empty|off-white) )+"
    r"(?:background|ground|canvas)\b"
)
COLOUR = f"(?:{'|'.join(COLOURS)})"
NEVER = "(?:text|writing|words?|letters?|watermarks?|borders?|frames?|shadows?|outlines?|logos?|people)"
OTHER = r"(?:other (?:shapes?|objects?|things?|figures?|items?)|others|more)"
REWRITES: list[tuple[str, str]] = [
    (r"(?:fir|pine|christmas) (trees?)", r"\1"),
    (r"crescent (moons?)", r"\1"),
    *((rf"{spaced}(s?)", rf"{name}\1") for name, spaced in SPACED.items()),
    (
        rf"(?:and |but |with )*(?:no|without)(?: any)? {NEVER}(?:,? (?:or|and|nor)(?: no)? {NEVER})*",
        " ",
    ),
    (
        rf"(?:and |but |with )*(?:nothing else|(?:no|without)(?: any)? {OTHER})(?: in (?:it|there))?",
        " ",
    ),
    (r"neither|not (?:a single|any)", "no"),
    (r"nor", "or"),
    (r"(?:thanks|thank you) a lot|(?:how|what) about", " "),
    (r"two pairs of", "four"),
    (r"three pairs of", "six"),
    (r"(?:with )?(?:no|none|without)(?: of (?:them|these|which))?(?: any| an?)?(?: (?:is|are))?", "no"),
    (rf"the other(?: one)?(?: is)?(?= {COLOUR})", "one"),
    (r"(?:i'd|i would|would) love", " "),
    (r"into", "in"),
    (r"half a dozen", "six"),
    (r"a few|several", "some"),
    (r"([1-9]) ?x", r"\1"),
    (r"(\w+) x ?([1-9])", r"\2 \1"),
    (r"love hearts", "hearts"),
    (r"love heart", "heart"),
    (r"(?:to|on|at) (?:its|their) (left|right)(?: (?:hand )?side)?", r"\1 of it"),
    (r"(above|below|under|beneath|below|of|to|beside) (?:that|this)", r"\1 the last one"),
    (r"on top,? (?:of which|there is)", "on top"),
]
"""Wordings and the plainer ones that they are read as, in order."""
NOT_PICTURE = r"(?! the (?:picture|image|canvas|page|scene))"
BACK = r"(?: background| ground| scene)?(?: with| has)?"
GROUNDS: list[tuple[str, str]] = [
    (
        r"(?:(?:in|at|by|during|under|against|on) )?(?:(?:a|an|the) )?(?:dark |starry |clear |deep )*"
        r"night(?: ?time| sky)?" + BACK + r"|in (?:the dark|darkness)|at midnight",
        "night",
    ),
    (
        r"(?:(?:in|on|against|under) )?(?:(?:a|the) )?(?:blue |clear |bright |sunny |day )*sky"
        + BACK
        + r"|(?:by|in|during)(?: the)? day(?: ?light| ?time)?"
        r"|(?:(?:on|in) )?(?:a|the) (?:sunny|bright) day(?: with)?",
        "day",
    ),
    (
        r"(?:(?:in|on|over|against) )?(?:(?:a|the|some) )?(?:green |grassy |lush )*"
        r"(?:meadow|grass|lawn|field|pasture)" + BACK,
        "meadow",
    ),
]
PHRASES: list[tuple[str, str]] = [
    *((pattern, f"ground {name}") for pattern, name in GROUNDS),
    (
        r"(?:(?:one )?(?:in|at|on) )?(?:each|every)(?: of the)?(?: four)? corners?" + PICTURE,
        "corners",
    ),
    (r"(?:in|at|on)(?: all)?(?: of)?(?: the)?(?: four)? corners" + PICTURE, "corners"),
    (r"at least", "least"),
    (r"the last one", "that"),
    (r"(?:from )?(left|right) to (?:the )?(?:left|right)", "order"),
    (r"from (?:the )?(top|bottom) to (?:the )?(?:top|bottom)", "order"),
    (r"(?:an? |one )?(?:vertical (?:row|line)|column|tower|stack) of", "column ahead"),
    (r"(?:an? |one )?(?:horizontal )?(?:row|line) of", "row ahead"),
    (
        r"in (?:an? |one |the same )?(?:single )?(?:vertical (?:row|line)|column)"
        r"|one (?:above|below|under) the other|lined up vertically"
        r"|stacked(?: vertically)?(?: on top of (?:each other|one another))?"
        r"|(?:on top of|above) each other",
        "column",
    ),
    (
        r"in (?:an? |one |the same )?(?:single )?(?:horizontal )?(?:row|line)|side by side|lined up"
        r"|(?:next to|beside) (?:each other|one another)",
        "row",
    ),
    (rf"(?:the other )?half(?: of (?:them|these))?(?: (?:is|are))?(?= {COLOUR})", "half"),
    (
        r"(?:(?:at|in|on) )?the (left|right|top|bottom|upper|lower)(?:[ -]hand)? half" + PICTURE,
        "half place",
    ),
    (
        r"(?:at|in|on|near)? ?(?:the )?(top|upper|bottom|lower)[ -](left|right)"
        r"(?:[ -](?:hand )?(?:corner|cell))?" + PICTURE,
        "corner",
    ),
    (r"(?:to|on|at) the (left|right)(?: hand)?(?: side)? of" + NOT_PICTURE, "side-relation"),
    (r"(left|right) of" + NOT_PICTURE, "side-relation"),
    (r"to the (left|right)(?! of)", "side-relation"),
    (r"(?:directly |right )?(?:on top of|above|over|atop)", "above"),
    (r"on (?:the )?top", "on top"),
    (r"(?:directly |right )?(?:below|underneath|under|beneath)", "below"),
    (r"(?:right )?(?:next to|beside|besides|alongside|adjacent to|by the side of)", "next to"),
    (r"(?:in )?between", "between"),
    (
        r"(?:at|in|on|along|near) the (?:very )?(left|right|top|bottom)"
        r"(?:[ -]hand)?(?: (?:side|edge|row|column|border))?" + PICTURE,
        "side",
    ),
    (r"(?:in|at) the (?:very |exact |dead )?(?:middle|center|centre)" + PICTURE, "middle"),
    (r"(?:at|in|on) (?:cell |square )?([a-d][1-4])", "cell"),
]
"""Word groups with one meaning, longer ones first."""


def refuse(what: str) -> NotInWorldError:
    """The one-line answer to what the embedded world does not have."""
    return NotInWorldError(
        f"not in the embedded world: {what}. It knows the colours {', '.join(COLOURS)}; the things "
        f"{', '.join(map(spoken, THINGS))}; words of up to four letters; small and big; up to eight "
        "objects; relations (above, below, left of, right of, next to, between), rows and columns, and "
        "places (corners, halves, top, bottom, left, right, middle); day, meadow and night. "
        "For anything else configure real models: set GEMS_MLLM and GEMS_GENERATOR, `gems doctor` helps"
    )


@dataclass
class Token:
    """A piece of the prompt: what sort it is and what it stands for."""

    sort: str
    value: str = ""


def relation_token(name: str, match: re.Match[str]) -> Token:
    """The token of a relation that is called as its phrase's sort."""
    return Token("relation", name)


def ground_token(name: str, match: re.Match[str]) -> Token:
    """The token of a ground."""
    return Token("ground", name)


ORDERS = {"left": "left of", "right": "right of", "top": "above", "bottom": "below"}
ROWS = {"upper": "top", "lower": "bottom"}
"""Other names of the picture's sides."""
MEANINGS: dict[str, Callable[[re.Match[str]], Token]] = {
    "corner": lambda m: Token("place", f"in the {ROWS.get(m[1], m[1])} {m[2]} corner"),
    "half place": lambda m: Token("place", f"in the {ROWS.get(m[1], m[1])} half"),
    "side": lambda m: Token("place", SIDES[m[1]]),
    "middle": lambda m: Token("place", "in the middle"),
    "cell": lambda m: Token("place", f"at {m[1]}"),
    "side-relation": lambda m: Token("relation", f"{m[1]} of"),
    "order": lambda m: Token("order", ORDERS[m[1]]),
    "half": lambda m: Token("count", "half"),
    **{f"ground {name}": partial(ground_token, name) for _, name in GROUNDS},
    **{name: partial(relation_token, name) for name in ("above", "below", "next to", "between")},
}
"""What the token of a phrase's sort is; of sorts that are not here, the sort itself."""


def phrase_token(sort: str, match: re.Match[str]) -> Token:
    """The token that a phrase stands for, by the sort that ``PHRASES`` gives it."""
    return MEANINGS[sort](match) if sort in MEANINGS else Token(sort)


def fold(prompt: str) -> str:
    """The prompt in lower case, on one line, with plain quotes and without its background.

    Raises:
        NotInWorldError: a character that no word or punctuation is made of.
    """
    text = prompt.lower().replace("\u2019", "'").replace("\u2013", "-").replace("\u2014", ", ")
    text = BACKGROUND.sub(" ", re.sub(r"\s+", " ", text))
    strange = re.findall(r"(?<!\w)-\d+|\d+[.,]\d+|[^\s\w,;:.!?'\"\u201c\u201d()\-&+/]", text)
    if strange:
        raise refuse(repr(strange[0]))
    return re.sub(r"[&+]", " and ", text)


def tokenize(prompt: str) -> list[Token]:
    """The prompt's tokens, words without meaning left out.

    Raises:
        NotInWorldError: a word that is neither known nor known to mean nothing.
    """
    text = fold(mark_texts(prompt, lambda word: word_token(word) is not None))
    for pattern, plainer in REWRITES:
        text = re.sub(rf"\b(?:{pattern})\b", plainer, text)
    phrases: list[Token] = []
    for pattern, sort in PHRASES:

        def keep(match: re.Match[str], sort: str = sort) -> str:
            phrases.append(phrase_token(sort, match))
            return f" {{{len(phrases) - 1}}} "

        text = re.sub(rf"\b(?:{pattern})\b", keep, text)
    tokens, unknown = [], []
    for word in re.findall(r"\{\d+\}|\w+(?:'\w+)?|[,;:.!?]", text):
        token = phrases[int(word[1:-1])] if word[0] == "{" else word_token(word)
        if token is None:
            unknown.append(word)
        elif token.sort != "stop":
            tokens.append(token)
    if unknown:
        raise refuse(", ".join(named(word) for word in dict.fromkeys(unknown)))
    return tokens


def named(word: str) -> str:
    """An unknown word as the answer names it, with what comes nearest to it: "'teal' (I know ...)"."""
    hint = nearest(word, {*COLOURS, *NOUNS, *PLURALS, *NUMBERS[1:]})
    return f"{word!r} ({hint})" if hint else repr(word)


SIGNS = {":": Token("colon")} | {sign: Token("comma") for sign in ",;.!?"}
SMALL_WORDS = {
    word: Token(word) for word in "all every each them they it the and no or on in with of".split()
}
OTHERS = SIGNS | SMALL_WORDS | {"ones": Token("ones"), "one's": Token("ones")}
OTHERS |= {"but": Token("and"), "then": Token("comma"), "these": Token("them")}
OTHERS |= dict.fromkeys(SCENES, Token("scene"))
OTHERS |= {cell: Token("place", f"at {cell}") for cell in CELLS}


def word_token(word: str) -> Token | None:
    """A single word's token; None: unknown."""
    tables = (("count", COUNTS), ("colour", COLOURS), ("noun", NOUNS), ("plural", PLURALS))
    for sort, table in tables:
        if word in table:
            return Token(sort, word)
    if word in SHADES:
        return Token("colour", SHADES[word])
    if word in SIZE_WORDS:
        return Token("size", SIZE_WORDS[word])
    if match := MARK.fullmatch(word):
        return Token(
            "plural" if word.startswith("texts") else "noun", match[1].upper().replace("_", " ")
        )
    if word in OTHERS:
        return OTHERS[word]
    return Token("stop") if word in STOP_WORDS else None
