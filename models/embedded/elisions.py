"""Puts back the nouns that people leave out: "one red, one blue and one green circle"."""

from __future__ import annotations

import re

from .words import COUNTS, PLURALS, Token

LETTERS = {"count": "C", "colour": "K", "comma": "S", "and": "S", "noun": "N", "plural": "N"}
"""One letter a sort of token, so that a regular expression reads a row of them; others are ``x``."""
ELISION = re.compile(r"(?:CKS+)+CKN")
PART = re.compile(r"CK(?=S)")


def complete(tokens: list[Token]) -> list[Token]:
    """``tokens`` with the noun after every number and colour of a list that ends in one. A list after a
    noun without colour ("circles: one red, ...") is about that noun and stays as it is."""
    sorts = "".join(LETTERS.get(token.sort, "x") for token in tokens)
    match = ELISION.search(sorts)
    if match is None or re.search(r"(?<!K)N", sorts[: match.start()]):
        return tokens
    noun = tokens[match.end() - 1].value
    singular = PLURALS.get(noun, noun)
    found: list[Token] = []
    for position, token in enumerate(tokens):
        found.append(token)
        if match.start() < position < match.end() and PART.match(sorts, position - 1):
            found.append(in_number(singular, COUNTS.get(tokens[position - 1].value, 1)))
    return found


def in_number(singular: str, count: int) -> Token:
    """The token of a noun for so many."""
    if count == 1:
        return Token("noun", singular)
    return Token("plural", next(word for word, noun in PLURALS.items() if noun == singular))
