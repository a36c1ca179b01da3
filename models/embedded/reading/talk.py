"""Leaves out what people say around a request: sentences, headings and clauses that are talk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .asides import names_something, points_back
from .chatter import written_out
from .clauses import LEAD, PERSON, is_talk
from .conversation import NEXT_ONE, PAGES, PEOPLE, POSSESSIVE
from .emoji import DETERMINERS, JOINTS, SIGN, TONE
from .letters import without_letter
from .words import ANY_PLURAL, refuse

ENDS = (
    rf"[.!?:\u2026]+(?=\s|$|{SIGN})|\n+|\s(?:-+>?|\u2013|\u2014|\u2192|=+>?|~)(?=\s)|"
    rf"(?:{SIGN}{TONE}*\s*)+"
)
CLAUSE = re.compile(rf"(?P<said>.*?)(?P<end>{ENDS}|$)", re.DOTALL)
WAVER = re.compile(
    r"(?:oh|no|um|uh|hmm?|ah|well|yes|yeah|ok|okay|so|again|once more)(?: (?:oh|no|well|yes|ok"
    r"|please))*"
)
"""What may introduce a correction."""
PLACES = re.compile(
    r"(?<=\w) (?:in|near|from|at) (?!(?:January|February|March|April|May|June|July|August|September"
    r"|October|November"
    r"|December)\b)[A-Z][a-z]{2,}(?: [A-Z][a-z]+)?(?=$|[ ,.])"
)
"""Where somebody says that they are."""
OPENS = frozenset([":", "-", "->", "\u2013", "\u2014", "\u2192", "="])
"""Ends of a heading."""
LIKES = re.compile(
    rf"(?:^|(?<=[.!?] )){LEAD}(?:i'?m \d+ and )?(?:i|we|{POSSESSIVE} (?:[a-z]+ )?(?:{PERSON})) "
    rf"(?:really |just )?"
    rf"(?:like|love|adore|enjoy)s? "
    rf"{ANY_PLURAL}(?: and {ANY_PLURAL})?(?: a lot| so much| very much)?[.!]+ "
    r"(?!(?:and|also|plus|with|but)\b)",
    re.IGNORECASE,
)
"""What somebody likes, before the request."""
JOINED = re.compile(
    r"(?P<said>.+?),? (?:so|therefore|hence|and so|and|but)(?P<rest> (?:(?:then|now|please|just) )?"
    r"(?:(?:i|we)"
    r"(?:'d| would)? (?:want|need|like|love|wonder)|please|can|could|would you|draw|make|paint|better"
    r" make|only|nothing"
    r"|just|let's|i'd|we'd)\b.*)",
    re.DOTALL | re.IGNORECASE,
)
NUMBERED_PAGES = re.compile(
    rf"\b{PAGES} ?#?(\d+|one|two|three|four|[a-d])(?= ?[:=.)\n-])"
    r"|(?:^|(?<=[.;!\n])) *((?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow)(?= *[:=-])"
)
QUOTED = re.compile(
    r"(?i)(?P<verb>\b(?:is |are |was |keeps? )?(?:shout|scream|yell|begg|cry|chant|whin|call)ing(?:"
    r" for)?),? ?"
    r"[\"\u201c][^\"\u201d]*[\"\u201d],?"
)
"""What somebody beside the writer cries."""
FOR_THEM = re.compile(
    r"\b(?:(?:draw|paint|make|give|bring|show|get|do) (?:him|her|them)|make it) (?=an?\b|one\b|two\b"
    r"|three\b|four\b"
    r"|five\b|six\b|seven\b|eight\b|\d|some\b)|\bit would\b|\bis it\b|\b(?:can|could) it (?:draw|make"
    r"|paint|do)\b"
)
"""Pronouns for no thing that was talked about."""
ASKS_FOR = re.compile(rf"(?i)\b(?:signs?|banner|board|words?|letters?|text)\b|{SIGN}|\bdraw an? \w+")
"""What asks for something without a word of the world: a text, an emoji, a word to be spelt right."""
SURFACE = re.compile(
    r"\b(?:signs?|words?|texts?|letters?|banner|board|says?|saying|reads?|write|written)\W*$", re.I
)


def without_talk(prompt: str) -> str:
    """``prompt`` without what asks for nothing; the prompt itself where nothing else would be left, or
    a pronoun that points at what was said.

    Raises:
        NotInWorldError: it asks for several pictures.
    """
    pages = {match[1] or match[2] for match in NUMBERED_PAGES.finditer(prompt.lower())}
    if len(pages) > 1:
        raise refuse("several pictures (ask for one at a time)")
    text = LIKES.sub("", QUOTED.sub(r"\g<verb>,", without_letter(prompt)))
    text = re.sub(r"\(([^()]*)\)", lambda m: " " if is_talk(plain(m[1]), heading=True) else m[0], text)
    left = "".join(requests(text)).strip()
    if left == prompt.strip():
        return prompt
    pointing = points_back(FOR_THEM.sub("", left.lower()))
    asks = names_something(left.lower()) or ASKS_FOR.search(left) is not None
    return left if asks and not pointing else prompt


def requests(text: str) -> Iterator[str]:
    """The clauses of ``text`` that are no talk, each with its end."""
    before, people, first = "", False, True
    for match in CLAUSE.finditer(text):
        said, end = match["said"], match["end"]
        clause = plain(said)
        if not clause:
            if before or re.search(SIGN, end):
                yield match[0]
            continue
        kept = said if is_kept(match, before, clause) else left_of(match, clause, people, first=first)
        people = people_in(clause, people)
        first = False
        if kept.strip():
            before = kept + end
            yield kept + end
        elif before and before.rstrip()[-1:] not in ".!?:;":
            before += ". "
            yield ". "


def is_kept(match: re.Match[str], before: str, clause: str) -> bool:
    """Whether a clause stays whatever its words are: it may be a text, is cut off by an emoji that
    stands for a word, or introduces a correction."""
    said, end = match["said"], match["end"]
    cut = re.search(SIGN, end) is not None and clause.split()[-1] in DETERMINERS | JOINTS
    capitals = said.isupper() and not match.string.isupper() and end.strip() != ":"
    written = capitals or SURFACE.search(before) is not None
    return cut or written or bool(before and WAVER.fullmatch(clause))


def left_of(match: re.Match[str], clause: str, people: bool, *, first: bool) -> str:
    """What is left of a clause without its talk."""
    heading = first or re.search(r"[:\n>=-]|\u2192|\u2013|\u2014", match["end"]) is not None
    opens = match["end"].strip() in OPENS and re.fullmatch(NEXT_ONE, clause) is not None
    talk = opens or is_talk(clause, heading=heading, people=people, first=first)
    return "" if talk else without_pieces(match["said"], people)


def without_pieces(said: str, people: bool) -> str:
    """A clause without what is talk between its commas, and before its "so"."""
    pieces, kept = re.split(r"(?<=,)", said), list[str]()
    for piece in pieces:
        if is_talk(plain(piece), people=people) and not WAVER.fullmatch(plain(piece)):
            people = people_in(plain(piece), people)
            continue
        joined = JOINED.fullmatch(piece)
        if joined and is_talk(plain(joined["said"]), people=people):
            piece = joined["rest"]
        kept.append(piece)
    if kept and kept[-1].endswith(",") and kept[-1] != pieces[-1]:
        kept[-1] = kept[-1][:-1]
    return "".join(kept)


def plain(said: str) -> str:
    """A clause in small letters without what stands around its words."""
    text = written_out(PLACES.sub("", said).lower().replace("\u2019", "'"))
    return " ".join(re.sub(r"[,;*~\u2022-]+(?=\s|$)|^[\s,;.*-]+", " ", text).strip(" .!?:").split())


def people_in(clause: str, before: bool) -> bool:
    """Whether "he" and "they" are people after a clause: it is about some, or about those before."""
    words = clause.split()
    if names_something(clause):
        return False
    return before or any(word.removesuffix("'s") in PEOPLE for word in words)
