"""The words of the embedded world: from a prompt to tokens, every word known or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ...errors import NotInWorldError
from .chatter import STOP_WORDS, unlisted, without_courtesies, written_out
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
SIZE_WORDS = dict.fromkeys("small little tiny mini teeny wee".split(), "small")
SIZE_WORDS |= dict.fromkeys("big large huge giant enormous massive gigantic".split(), "big")
SCENES = frozenset(
    "picture image drawing canvas photo scene illustration page painting pic icon composition visual "
    "artwork graphic design".split()
)
SIDES = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
PICTURE = r"(?: of (?:the )?(?:picture|image|canvas|page|scene))?"
BACKGROUND = re.compile(
    r"\b(?:on|with|against|over|and)? ?(?:a |the )?"
    r"(?:(?:plain|white|light|simple|clean|empty|off-white) )+"
    r"(?:background|backdrop|ground|canvas)\b"
)
COLOUR = f"(?:{'|'.join(COLOURS)})"
SIZE = f"(?:{'|'.join(SIZE_WORDS)})"
NEVER = (
    "(?:text|writing|words?|letters?|watermarks?|borders?|frames?|shadows?|outlines?|logos?|people|"
    "backgrounds?|backdrops?)"
)
OTHER = (
    r"(?:other (?:shapes?|objects?|things?|figures?|items?|elements?|details?|stuff)|others|more|"
    r"(?:any|some)thing else)"
)
REWRITES: list[tuple[str, str]] = [
    (r"(?:do not|don't) (?:draw|want|add|include|put|show|need)(?: any| the| an?)?", "no"),
    (r"leave out(?: any| the| an?)?", "no"),
    (
        rf"(?:but |and )?(?:(?:that|which) )?(?:(?:is|are) not|(?:is|are)n't|not) ({COLOUR})"
        r"(?=[,.;!?]|$| (?:but|make|and make)\b)",
        r", no \1,",
    ),
    (rf"(?:(?:of|in) )?(?:the |their )?colou?rs?(?:,? (?:is|are))?:? (?={COLOUR})", ""),
    (rf"(?:but )?not an? ({COLOUR}|{SIZE}) one", r"no \1,"),
    (rf"the (?:first|second|third|fourth|last)(?: one)?(?: is)?(?= (?:{COLOUR}|{SIZE})\b)", "one"),
    (r"(?<=\w), (?:which|who|that) (?:is|are|stands?|sits?)", ""),
    (r"(?<!the )right (?=(?:in|at|on) the)", ""),
    (r"(above|over|below|under|beneath) the (?:row|column|line|group)(?! of)", r"\1 the last one"),
    (r"ice ?cream cone(s?)", r"icecream\1"),
    (r"the other (?=[a-z]+ (?:is|in|on|at)\b)", "one "),
    (r"(?<!in a )(?<!in one )(?<!top )(?<!bottom )(?<!upper )(?<!lower )(row|column)(?=:)", r"a \1 of"),
    (r"(?:is|are)n't (?:any|an?)", "no"),
    (r"one (above|below|under) another", r"one \1 the other"),
    (r"(?:that|which|who) (?:is|are)", ""),
    (r"another|an? second|one more", "a"),
    (r"(?:up|over|down) (?=(?:at|on|in|there) |top)", ""),
    (r"down below|down at the bottom", "at the bottom"),
    (r"(?:dead |front and )?(?:centred|centered|(?:front and|dead) cent(?:re|er))", "in the middle"),
    (r"the two of (?:them|these)", "them"),
    (r"him|her(?=[,.;!?]|$)", "it"),
    (r"(?:the )?back(?:ground|drop)(?: is)?:? (?=(?:an? |the )?(?:meadow|grass|night|day|sky))", ""),
    (r"(left|right) from", r"\1 of"),
    (r"(?:fir|pine|christmas) (trees?)", r"\1"),
    (r"(?:coffee|tea) (cups?|mugs?)", r"\1"),
    (r"crescent (moons?)", r"\1"),
    *((rf"{spaced.replace(' ', '[ -]')}(s?)", rf"{name}\1") for name, spaced in SPACED.items()),
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
    (r"nor", "or"),
    (r"two pairs of", "four"),
    (r"three pairs of", "six"),
    (r"none of (?:them|these|those|which)(?: (?:is|are))?", "noneofthem"),
    (r"(?:with )?(?:no|none|without)(?: any| an?)?(?: (?:is|are))?", "no"),
    (r"to the (?:left|right) and (?:above|below|under|over)", "diagonally"),
    (rf"(?:and )?the other(?: one)?(?: is)?(?= (?:{COLOUR}|{SIZE}))", "one"),
    (r"the other (?=two|three|four|[2-7])", ""),
    (r"into", "in"),
    (r"half a dozen", "six"),
    (r"a few|several", "some"),
    (r"([1-9]) ?x", r"\1"),
    (r"(\w+) x ?([1-9])", r"\2 \1"),
    (r"love hearts", "hearts"),
    (r"love heart", "heart"),
    (r"(?:to|on|at) (?:its|their|his|her) (left|right)(?: (?:hand )?side)?", r"\1 of it"),
    (r"(above|over|below|under|beneath|of|to|beside) (?:that|this)(?: one)?", r"\1 the last one"),
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
        r"|(?:it is|it's) day|(?:(?:in|during) )?(?:the )?day ?time"
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
    (r"in (?:this|that|the same|the following|exactly this) order", "this order"),
    (r"(?:an? |one )?(?:vertical (?:row|line)|column|tower|stack)(?: of| with)", "column ahead"),
    (r"(?:an? |one )?(?:horizontal )?(?:row|line)(?: of| with)", "row ahead"),
    (
        r"in (?:an? |one |the same )?(?:single )?(?:vertical (?:row|line)|column)"
        r"|one (?:above|below|under) (?:the other|another)|lined up vertically"
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
    (rf"the (?:rest|remaining ones|others)(?: of them)?(?: (?:is|are|in))?(?= {COLOUR})", "rest"),
    (
        r"(?:(?:at|in|on) )?(?:the )?(left|right|top|bottom|upper|lower)(?:[ -]hand)? half" + PICTURE,
        "half place",
    ),
    (
        r"(?:at|in|on|near)? ?(?:the )?(top|upper|bottom|lower)[ -](left|right)"
        r"(?:[ -](?:hand )?(?:corner|cell))?" + PICTURE,
        "corner",
    ),
    (r"(?:to|on|at) (?:the )?(left|right)(?:[ -]hand)?(?: side)? of" + NOT_PICTURE, "side-relation"),
    (r"on each side(?: of)?", "on each side of"),
    (r"on (?:either|both) sides?(?: of)?", "on both sides of"),
    (r"(left|right) of" + NOT_PICTURE, "side-relation"),
    (r"to the (left|right)(?! of)", "side-relation"),
    (r"(?:directly |right )?(?:on top of|above|over|atop)", "above"),
    (r"on (?:the )?top(?! (?:edge|row|side|border))", "on top"),
    (r"(?:directly |right )?(?:below|underneath|under|beneath)", "below"),
    (r"(?:right )?(?:next to|beside|besides|alongside|adjacent to|by the side of)", "next to"),
    (r"(?:in )?between", "between"),
    (
        r"(?:at|in|on|along|near) (?:the )?(?:very )?(left|right|top|bottom)"
        r"(?:[ -]hand)?(?: (?:side|edge|row|column|border))?" + PICTURE,
        "side",
    ),
    (r"(?:in|at) the (?:very |exact |dead )?(?:middle|center|centre)" + PICTURE, "middle"),
    (r"(?:at|in|on) (?:cell |square )?([a-d][1-4])", "cell"),
    (r"(?<!the )(top|bottom)(?= *(?:[,;:.!?{\d]|$|and\b|with\b))|(?<!the )(left|right)(?=:)", "side"),
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


RELATED = ("above", "below", "next to", "between", "on both sides of", "on each side of")
ORDERS = {"left": "left of", "right": "right of", "top": "above", "bottom": "below"}
ROWS = {"upper": "top", "lower": "bottom"}
"""Other names of the picture's sides."""
MEANINGS: dict[str, Callable[[re.Match[str]], Token]] = {
    "corner": lambda m: Token("place", f"in the {ROWS.get(m[1], m[1])} {m[2]} corner"),
    "half place": lambda m: Token("place", f"in the {ROWS.get(m[1], m[1])} half"),
    "side": lambda m: Token("place", SIDES[next(filter(None, m.groups()))]),
    "middle": lambda m: Token("place", "in the middle"),
    "cell": lambda m: Token("place", f"at {m[1]}"),
    "side-relation": lambda m: Token("relation", f"{m[1]} of"),
    "order": lambda m: Token("order", ORDERS[m[1]]),
    "this order": lambda m: Token("order"),
    "half": lambda m: Token("count", "half"),
    "rest": lambda m: Token("count", "rest"),
    **{f"ground {name}": partial(ground_token, name) for _, name in GROUNDS},
    **{name: partial(relation_token, name) for name in RELATED},
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
    text = (
        written_out(prompt.lower().replace("\u2019", "'"))
        .replace("\u2013", "-")
        .replace("\u2014", ", ")
    )
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
    marked = mark_texts(unlisted(prompt), lambda word: word_token(word) is not None)
    text = without_courtesies(fold(marked))
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
OTHERS |= {
    "is": Token("is"),
    "are": Token("is"),
    "noneofthem": Token("none"),
    "but": Token("and"),
    "then": Token("comma"),
    "these": Token("them"),
}
OTHERS |= dict.fromkeys(("sign", "board", "banner", "word", "text"), Token("sign"))
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
