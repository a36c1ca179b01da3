"""The words of the embedded world: from a prompt to tokens, every word known or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import NotInWorldError
from .world import CELLS, COLOURS, MAX_OBJECTS, NUMBERS, SHAPES

NOUNS: dict[str, str | None] = {
    **{shape: shape for shape in SHAPES},
    "disc": "circle",
    "disk": "circle",
    "dot": "circle",
    "ball": "circle",
    "rhombus": "diamond",
    "object": None,
    "shape": None,
    "thing": None,
    "figure": None,
    "item": None,
}
PLURALS = {f"{noun}s": noun for noun in NOUNS} | {"rhombuses": "rhombus", "rhombi": "rhombus"}
COUNTS = {word: number for number, word in enumerate(NUMBERS) if number}
COUNTS |= {str(number): number for number in range(1, MAX_OBJECTS + 1)}
COUNTS |= {"a": 1, "an": 1, "single": 1, "pair": 2, "couple": 2, "both": 2}
STOP_WORDS = frozenset(
    """
    please draw put place add me us paint show make create generate render give i we want would
    like need can could you picture image drawing photo scene illustration canvas of with there is
    are be should must exactly just only also and plus containing contains consisting showing
    shows depicting on in the that which some placed located standing sitting arranged positioned
    coloured colored together total so this have has to for my our then where while its their very
    each i'd i'll let's there's it's they're
    """.split()
)
SIDES = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
PICTURE = r"(?: of (?:the )?(?:picture|image|canvas|page|scene))?"
BACKGROUND = re.compile(
    r"\b(?:on|with|against|over|and)? ?(?:a |the )?"
    r"(?:(?:plain|white|light|simple|clean|empty|off-white) )+"
    r"(?:background|ground|canvas)\b"
)
NOT_PICTURE = r"(?! the (?:picture|image|canvas|page|scene))"
PHRASES: list[tuple[str, str]] = [
    (
        r"(?:at|in|on|near)? ?(?:the )?(top|upper|bottom|lower)[ -](left|right)"
        r"(?:[ -](?:hand )?(?:corner|cell))?" + PICTURE,
        "corner",
    ),
    (r"(?:to|on|at) the (left|right)(?: hand)?(?: side)? of" + NOT_PICTURE, "side-relation"),
    (r"(left|right) of" + NOT_PICTURE, "side-relation"),
    (r"(?:directly |right )?(?:on top of|above|over|atop)", "above"),
    (r"(?:directly |right )?(?:below|underneath|under|beneath)", "below"),
    (r"(?:right )?(?:next to|beside|besides|adjacent to|by the side of)", "next to"),
    (r"(?:in )?between", "between"),
    (
        r"(?:at|in|on|along|near) the (?:very )?(left|right|top|bottom)"
        r"(?:[ -]hand)?(?: (?:side|edge|row|column|half|border))?" + PICTURE,
        "side",
    ),
    (r"(?:in|at) the (?:very )?(?:middle|center|centre)" + PICTURE, "middle"),
    (r"(?:at|in|on) (?:cell |square )?([a-d][1-4])", "cell"),
]
"""Word groups with one meaning, longer ones first."""


def refuse(what: str) -> NotInWorldError:
    """The one-line answer to what the embedded world does not have."""
    return NotInWorldError(
        f"not in the embedded world: {what}. It knows the colours {', '.join(COLOURS)}; the shapes "
        f"{', '.join(SHAPES)}; up to six objects; relations (above, below, left of, right of, next to, "
        "between) and places (corners, top, bottom, left, right, middle). For anything else configure "
        "real models: set GEMS_MLLM and GEMS_GENERATOR, `gems doctor` helps"
    )


@dataclass
class Token:
    """A piece of the prompt: what sort it is and what it stands for."""

    sort: str
    value: str = ""


def phrase_token(sort: str, match: re.Match[str]) -> Token:
    """The token that a phrase stands for, by the sort that ``PHRASES`` gives it."""
    if sort == "corner":
        row = "top" if match[1] in {"top", "upper"} else "bottom"
        return Token("place", f"in the {row} {match[2]} corner")
    if sort == "side-relation":
        return Token("relation", f"{match[1]} of")
    if sort == "side":
        return Token("place", SIDES[match[1]])
    if sort == "middle":
        return Token("place", "in the middle")
    if sort == "cell":
        return Token("place", f"at {match[1]}")
    return Token("relation", sort)


def fold(prompt: str) -> str:
    """The prompt in lower case, on one line, with plain quotes and without its background.

    Raises:
        NotInWorldError: a character that no word or punctuation is made of.
    """
    text = prompt.lower().replace("\u2019", "'").replace("\u2013", "-").replace("\u2014", ", ")
    text = BACKGROUND.sub(" ", re.sub(r"\s+", " ", text))
    strange = re.findall(r"[^\s\w,;:.!?'\"\u201c\u201d()\-&+/]", text)
    if strange:
        raise refuse(repr(strange[0]))
    return re.sub(r"[&+]", " and ", text)


def tokenize(prompt: str) -> list[Token]:
    """The prompt's tokens, words without meaning left out.

    Raises:
        NotInWorldError: a word that is neither known nor known to mean nothing.
    """
    text = fold(prompt)
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
        raise refuse(", ".join(repr(word) for word in dict.fromkeys(unknown)))
    return tokens


SIGNS = {":": Token("colon")} | {sign: Token("comma") for sign in ",;.!?"}
SMALL_WORDS = {word: Token(word) for word in ("all", "every", "them", "they", "it", "the", "and")}
OTHERS = SIGNS | SMALL_WORDS | {"ones": Token("ones"), "one's": Token("ones")}
OTHERS |= {cell: Token("place", f"at {cell}") for cell in CELLS}


def word_token(word: str) -> Token | None:
    """A single word's token; None: unknown."""
    tables = (("count", COUNTS), ("colour", COLOURS), ("noun", NOUNS), ("plural", PLURALS))
    for sort, table in tables:
        if word in table:
            return Token(sort, word)
    if word in OTHERS:
        return OTHERS[word]
    return Token("stop") if word in STOP_WORDS else None
