"""Puts back the nouns that people leave out: "one red, one blue and one green circle"."""

from __future__ import annotations

import re
from itertools import takewhile

from .words import COUNTS, PLURALS, STOPS, Token, refuse

LETTERS = {
    "count": "C",
    "colour": "K",
    "size": "K",
    "comma": "S",
    "and": "S",
    "noun": "N",
    "plural": "N",
}
"""One letter a sort of token, so that a regular expression reads a row of them; others are ``x``."""
ELISION = re.compile(r"(?:CK+S+)+CK+N")
AFTER = re.compile(r"(?:C?NK+){2,}")
EITHER = re.compile(r"(?:^|[CN])N(?P<colour>K+)N")
PART = re.compile(r"K(?=S)")
BOUNDS = frozenset({"comma", "colon", "is"})
"""What a clause begins after."""
SAID = re.compile(
    r"\bis(?: (?:colour|size|and))+ comma\b(?=(?: (?:colour|size|and))+ (?:noun|plural)\b)"
)
TWO_SAID = re.compile(
    r"(?<=colour |..size )and"
    r"(?= (?:the )?(?:count )?(?:(?:colour|size) )*(?:noun|plural) is (?:colour|size))"
)
BARE = 3
"""So many nouns in a row, with nothing between them, are a list: "house tree sun"."""


def settled(tokens: list[Token]) -> list[Token]:
    """``tokens`` without "is" and "are".

    Raises:
        NotInWorldError: one says what several things are like, or one of two in a relation: "the star
            above the house is red".
    """
    for position, token in enumerate(tokens):
        ahead = tokens[position + 1].sort if position + 1 < len(tokens) else ""
        if token.sort == "is" and ahead in {"colour", "size"}:
            clause = list(takewhile(lambda t: t.sort not in BOUNDS, reversed(tokens[:position])))
            if sum(t.sort in {"noun", "plural"} for t in clause) > 1:
                what = tokens[position + 1].value
                raise refuse(f"'is {what}' after several things (say '{what}' before each that is)")
    return [token for token in ended(parted(tokens)) if token.sort != "is"]


def parted(tokens: list[Token]) -> list[Token]:
    """``tokens`` with a comma for the "and" between what two things are: "dog is brown and cat is
    black"."""
    sorts = " ".join(token.sort.replace(" ", "_") for token in tokens)
    found = [*tokens]
    for match in TWO_SAID.finditer(sorts):
        found[sorts[: match.start()].count(" ")] = Token("comma", ",")
    return found


def ended(tokens: list[Token]) -> list[Token]:
    """``tokens`` where no comma goes on with what an "is" says: "the boat is green, purple stars"."""
    sorts = " ".join(token.sort.replace(" ", "_") for token in tokens)
    found = [*tokens]
    for match in SAID.finditer(sorts):
        at = sorts[: match.end()].count(" ")
        if found[at].value not in STOPS:
            found[at] = Token("comma", "is")
    return found


def listed(tokens: list[Token]) -> list[Token]:
    """``tokens`` with commas between nouns that only spaces part."""
    sorts = "".join(LETTERS.get(token.sort, "x") for token in tokens)
    rows = [range(*match.span()) for match in re.finditer(rf"N{{{BARE},}}", sorts)]
    inner = {position for row in rows for position in row[1:]}
    found: list[Token] = []
    for position, token in enumerate(tokens):
        found += [Token("comma", ","), token] if position in inner else [token]
    return found


def paired(tokens: list[Token]) -> list[Token]:
    """``tokens`` with commas where colours come after what they colour: "cat red dog blue".

    Raises:
        NotInWorldError: a colour may be about what comes before or after it: "cat red dog".
    """
    sorts = "".join(LETTERS.get(token.sort, "x") for token in tokens)
    found = [*tokens]
    for run in reversed([*re.finditer(r"[CKN]+", sorts)]):
        if AFTER.fullmatch(run[0]):
            for end in reversed([match.end() for match in re.finditer(r"NK+", run[0])][:-1]):
                found.insert(run.start() + end, Token("comma", ","))
        elif open_one := EITHER.search(run[0]):
            word = tokens[run.start() + open_one.start("colour")].value
            raise refuse(f"{word!r} between two things (say 'and' or a comma between them)")
    return found


def complete(tokens: list[Token]) -> list[Token]:
    """``tokens`` with the noun after every number and colour of a list that ends in one. A list after a
    noun without colour ("circles: one red, ...") is about that noun and stays as it is."""
    sorts = "".join(letter(token) for token in tokens)
    match = ELISION.search(sorts)
    if match is None or is_about_another(tokens, sorts, match):
        return tokens
    noun = tokens[match.end() - 1].value
    singular = PLURALS.get(noun, noun)
    found: list[Token] = []
    count = 1
    for position, token in enumerate(tokens):
        found.append(token)
        count = COUNTS.get(token.value, 1) if token.sort == "count" else count
        if match.start() < position < match.end() and PART.match(sorts, position):
            found.append(in_number(singular, count))
    return found


def letter(token: Token) -> str:
    """The letter of a token's sort; ``T`` ends a sentence."""
    ends = token.sort == "comma" and token.value in STOPS
    return "T" if ends else LETTERS.get(token.sort, "x")


def is_about_another(tokens: list[Token], sorts: str, match: re.Match[str]) -> bool:
    """Whether the numbers and colours of a list are about a noun before it: one of its sentence, or any
    where no "and" says which its last is: "two cats. One red, one blue, a small house"."""
    before = sorts[: match.start()]
    if match.start() and tokens[match.start() - 1].sort in {"relation", "of", "with"}:
        return False
    last = max(at for at in range(match.end()) if sorts[at] == "S")
    joined = any(token.sort == "and" for token in tokens[last - 1 : last + 1])
    return bool(re.search(r"(?<!K)N", before.rpartition("T")[2] if joined else before))


def in_number(singular: str, count: int) -> Token:
    """The token of a noun for so many."""
    if count == 1 or singular.isupper():
        return Token("noun" if count == 1 else "plural", singular, elided=True)
    several = next(word for word, noun in PLURALS.items() if noun == singular)
    return Token("plural", several, elided=True)
