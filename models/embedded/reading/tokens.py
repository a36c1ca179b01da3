"""From a prompt to tokens, every word known or refused."""

from __future__ import annotations

import re

from .ambiguous import OPEN
from .antecedents import with_antecedents
from .asides import without_asides
from .chatter import unlisted, without_courtesies, written_out
from .corners import with_corners
from .corrections import corrected
from .doubts import refuse_doubts
from .edges import with_edges
from .emoji import without_emoji
from .emptiness import without_emptiness
from .exceptions import with_exceptions
from .grids import with_grids
from .looks import with_looks
from .notations import written_plainly
from .openness import refuse_open_parts, refuse_told
from .orders import in_plain_orders
from .pairings import with_pairings
from .phrases import PHRASES, phrase_token
from .picked import with_picked
from .portions import with_portions
from .poses import without_poses
from .ranks import without_open_ranks, without_ranks
from .restatements import said_once
from .shares import with_shares
from .sides import with_sides
from .signs import mark_texts
from .spelling import spelt
from .surroundings import with_surroundings
from .talk import without_talk
from .tiers import with_tiers
from .turns import in_plain_turns
from .variety import with_colours
from .wordings import BACKGROUND, BRACKETED, BRACKETED_LOOK, REWRITES
from .words import Token, named, refuse, word_token

STAGES = (
    refuse_told,
    with_antecedents,
    without_courtesies,
    spelt,
    said_once,
    corrected,
    without_asides,
    in_plain_turns,
    without_emptiness,
    in_plain_orders,
    with_sides,
    with_shares,
    refuse_open_parts,
    refuse_doubts,
    with_colours,
    with_pairings,
    with_surroundings,
    with_exceptions,
    with_portions,
    with_looks,
    with_edges,
    with_tiers,
    with_corners,
    without_ranks,
    with_picked,
    without_open_ranks,
    without_poses,
    with_grids,
)
"""How a prompt in small letters becomes plainer, in this order."""


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
    text = BACKGROUND.sub(" ", re.sub(r"\s+", " ", without_emoji(text)))
    strange = re.findall(r"(?<!\w)-\d+|\d+[.,]\d+|[^\s\w,;:.!?'\"\u201c\u201d()\-&+/]", text)
    if strange:
        raise refuse(repr(strange[0]))
    return re.sub(r"[&+]", " and ", text)


def plain(prompt: str) -> str:
    """The prompt in small letters, with marks for texts and in plainer words.

    Raises:
        NotInWorldError: it could mean several things.
    """
    text = fold(
        mark_texts(
            unlisted(without_talk(written_plainly(prompt))), lambda word: word_token(word) is not None
        )
    )
    for stage in STAGES:
        text = " ".join(stage(text).split())
    for pattern, plainer in REWRITES:
        text = re.sub(rf"\b(?:{pattern})\b", plainer, text)
    text = " ".join(text.split())
    text = BRACKETED_LOOK.sub(r"\2 \1", text)
    text = BRACKETED.sub(r"\2 \3 \4 \5 \1", text)
    for pattern, what in OPEN:
        if found := re.search(rf"(?<!\w)(?:{pattern})", text):
            raise refuse(f"{found[0]!r} {what}")
    return text


def tokenize(prompt: str) -> list[Token]:
    """The prompt's tokens, words without meaning left out.

    Raises:
        NotInWorldError: a word that is neither known nor known to mean nothing.
    """
    text, phrases = plain(prompt), list[Token]()
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
