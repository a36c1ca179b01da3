"""Leaves out how a letter begins and ends, and what somebody's pet is called: "Dear Anna,", "Yours,
Ben"."""

from __future__ import annotations

import re

from .near import ANSWERS
from .words import ANY_THING, word_token

NAME = r"[^\W\d_][\w'-]*\.?"
CLOSING = (
    r"(?:(?:with )?(?:(?:my|the|all|many|very|our) )*(?:(?:best|kind(?:est)?|warm(?:est)?|good) )?"
    r"(?:regards|wishes|greetings"
    r"|thanks|love|hugs|kisses)|yours(?: (?:truly|sincerely|faithfully|ever|always))?|sincerely(?:"
    r" yours)?|respectfully"
    r"|best|cheers|cordially|take care|(?:many )?thanks(?: (?:again|a lot|so much|in advance))?|thank"
    r" you(?: (?:very|so) much"
    r"| in advance| again)?|thx|xx+|xoxo|your (?:friend|neighbou?r|grandson|granddaughter|aunt|uncle"
    r"|faithful [a-z]+))"
)
SIGNED = re.compile(
    rf"(?P<before>^|[.!?,;\n]|\s[-\u2013\u2014])\s*(?i:{CLOSING})[ \t]*(?P<gap>[,!.\n-]+\s*)"
    rf"(?P<name>[-\u2013\u2014 ]*{NAME}(?: {NAME}){{0,2}})[.!]?(?:\s*\((?:age )?\d+\)|,? (?:aged?"
    rf" )?\d+(?: years old)?)?\s*$"
)
CLOSED = re.compile(
    rf"(?P<before>[.!?\n])\s*(?i:with (?:best|kind|warm|love|many)[\w ]*|{CLOSING})[ \t]*[,!.]*\s*$"
)
GREETED = re.compile(
    r"(?i)^\s*(?:(?P<dear>(?:my )?dear(?:est)?)|hello|hi|hey|hiya|howdy|greetings|good (?:morning"
    r"|afternoon|evening|day))"
    rf"(?: there)? (?P<name>(?:(?:my|the|all|or|and|sir|madam) )*{NAME}(?: (?:or|and) {NAME})?(?:"
    rf" {NAME})?) ?[,.:!\n-]"
)
CALLED = re.compile(
    rf"(?P<thing>(?i:\b{ANY_THING}\b)),? (?:(?:called|named|whose name is) )?"
    rf"(?P<name>[A-Z][a-z]+)\b"
    r"(?P<comma>,(?= (?:is|was|has|sits|stands|should)\b))?"
    r"(?= *(?:$|[,.;!?)]|(?:is|was|has|and|with|in|on|at|next|above|below|under|over|beside|between"
    r"|please|who|which)\b))"
)
OWNED = re.compile(r"(?i)\b(?:my|our|his|her|their|called|named|whose name is)\b")


def without_letter(prompt: str) -> str:
    """``prompt`` without a salutation, a closing with its name, and the names of things that are
    somebody's."""
    text = GREETED.sub(greeted, prompt)
    text = SIGNED.sub(signed, text)
    text = CLOSED.sub(r"\g<before>", text)
    return CALLED.sub(nameless, text) if not text.isupper() else text


def is_name(words: str) -> bool:
    """Whether words can be somebody's name: none of them is one of the world, or of what pictures
    show."""
    said = [word.lower().strip("'.") for word in re.findall(r"[\w']+", words)]
    return not any(
        (word_token(w) and not w.isdigit() and word_sort(w) not in {"stop", "scene"}) or w in ANSWERS
        for w in said
    )


def word_sort(word: str) -> str:
    """The sort of a known word."""
    token = word_token(word)
    return token.sort if token else ""


def greeted(match: re.Match[str]) -> str:
    """Nothing for a salutation; the match itself where it names what may be asked for."""
    return " " if is_name(re.sub(r"(?i)\b(?:or|and|all|the)\b", " ", match["name"])) else match[0]


def signed(match: re.Match[str]) -> str:
    """Nothing for a closing with a name; the match itself where that may be asked for."""
    name = match["name"].strip(" -\u2013\u2014")
    capital = all(word[0].isupper() for word in name.split())
    plain = match[0].islower() and len(name.split()) == 1 and "\n" in match["gap"]
    before = match["before"] if match["before"] in ".!?;" else "."
    return before if (capital or plain) and is_name(name) else match[0]


def nameless(match: re.Match[str]) -> str:
    """A thing without its name; the match itself where the name is no name."""
    before = match.string[max(0, match.start() - 24) : match.start("name")]
    owned = OWNED.search(before.rpartition(".")[2])
    return match["thing"] if owned and is_name(match["name"]) else match[0]
