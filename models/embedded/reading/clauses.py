"""Tells talk from requests, one clause at a time: all of its words are words of conversation, and none
of them can say what is to be seen."""

from __future__ import annotations

import re

from .conversation import (
    ADDRESSED,
    COURTESY,
    DOINGS,
    GREETINGS,
    HOUSEHOLD,
    IDIOMS,
    MATTERS,
    NEEDED,
    OBJECTS,
    PEOPLE,
    POSSESSIVE,
    SMALL,
    TIMES,
    VENUES,
)
from .words import ANY_NOUN

SAID = SMALL | COURTESY | TIMES | MATTERS
HEADING = SAID | OBJECTS
TOLD = HEADING | PEOPLE | DOINGS | VENUES
ABOUT_THEM = frozenset("he he's she she's they they're him her his them their".split())
"""Pronouns that point at people only where people have just been spoken of."""
AIMS = sorted(MATTERS | OBJECTS | PEOPLE | ADDRESSED | HOUSEHOLD | VENUES, key=len, reverse=True)
AIM = (
    rf"\b(?:for|about|from|of) (?:{POSSESSIVE} |the |a |an |this |some )?(?:(?:little|older|younger"
    rf"|old|best|new) )?"
    rf"(?:(?:{'|'.join(AIMS)})(?:'s)?(?= |$) ?)+"
)
PERSON = "|".join(sorted(PEOPLE, key=len, reverse=True))
LEAD = (
    r"(?:(?:omg|hey|hi|um|haha|lol|ok|okay|wow|please|so|and|but|well|because|since|as|when|while|now"
    r"|today|yesterday|oh|also|then|if|once|hope"
    r"|hoping"
    r"|you see) )*"
)
VERBS = DOINGS | frozenset(
    "is are was were am be been isn't aren't wasn't weren't have has had do does did don't doesn't"
    " didn't can can't "
    "want wants need needs could will won't would should shouldn't may might must".split()
)
SUBJECT = re.compile(
    rf"{LEAD}(?:(?:i|we|you)(?:'m|'re|'ve|'d|'ll)?\b|{POSSESSIVE} (?:[a-z]+ ){{0,2}}(?:{PERSON})\b"
    r"|(?:every|no)body\b|everyone\b)"
)
THEY = re.compile(rf"{LEAD}(?:he|she|they)(?:'s|'re)?\b")
ASKS = re.compile(
    r"\b(?:want|wants|wanted|need|needs|draw|paint|make|show|put|add|imagine|like a|give me|get me|"
    r"(?:'d|would|will)"
    r" (?:like|love|prefer)|(?:can|could|may|might) (?:i|we) (?:have|get|see)|(?:how|what) about"
    r"|let's have|i'll have"
    r"|(?:have|has) (?:a|an|the|some) (?:baby|picture|image|drawing))\b(?! to (?:ask|know|say|thank"
    r"|tell|try|learn))"
)
CLEARLY_OTHER = re.compile(
    r"\bnext to\b|\bso on\b|\bthe (?:first|last|next)(?=$| (?:is|are|should|in|on|at|of)\b)|\bsuch "
    r"(?:as|a|an)\b"
    r"|\b(?:happy|merry) (?!to\b|that\b|if\b)|\bget well\b|\bthe end\b|\bin the (?:evening|morning"
    r"|afternoon)$"
    r"|\b(?:after|before) (?:this|that|these|the)\b$|[\"\u201c\u201d(){}\[\]_<>=]"
)
PLACING = re.compile(
    r"(?:(?:and|but|so|also|just|only|then|now) )*(?:in|on|at|to|with|by|of|from|during|before|after"
    r"|until)\b"
    rf"(?! (?:{'|'.join(sorted(COURTESY | TIMES))}|love|me|you|us)\b)"
)
NAMES = rf"(?:(?:and|then|also|with|plus|a|an|some|the|{POSSESSIVE}) )+"
A_MATTER = re.compile(rf"{NAMES}(?:[a-z']+ )?(?:{'|'.join(sorted(MATTERS | OBJECTS))})s?$")
BOUND = frozenset("a an the and to of in on at with for but by from is are or no".split())
"""Words that cannot be all that somebody says."""
LOSS = re.compile(
    rf"{LEAD}(?:my|our|his|her|their) (?:(?:{PERSON})'?s? )?(?:[a-z]+ )?{ANY_NOUN} (?:"
    rf"(?:was|is|got|has|just|has been"
    r"|have|had) )*(?:stolen|lost|broke|broken|died|dead|ran away|run away|passed away|sick|ill"
    r"|missing|sold|gone)"
    r"(?: (?:today|yesterday|away|last|this|week|month|year|night|recently|again|down|on|monday"
    r"|tuesday|friday))*$"
)
"""What somebody had: a thing of the world that nobody asks for."""
SIZED = re.compile(
    r"[,;/]|\b(?:small|little|tiny|big|large|huge) "
    rf"(?=(?:{'|'.join(sorted(MATTERS | OBJECTS | PEOPLE | VENUES | {'town', 'village', 'farm'}))})\b)"
)
ADDS = re.compile(r"(?:and|plus|also|with|then) (?:an?|some|my|our)\b")


def is_talk(clause: str, *, heading: bool = False, people: bool = False, first: bool = False) -> bool:
    """Whether a clause in small letters is talk: by its wording, or by all of its words."""
    text = clause
    if BOUND.issuperset(clause.split()) or CLEARLY_OTHER.search(re.sub(r'"\w"', "", clause)):
        return False
    for idiom in (*IDIOMS, AIM, NEEDED):
        text = re.sub(idiom, " ", text)
    words = re.findall(r"[^\s,;/]+", text)
    if not words or LOSS.match(clause):
        return True
    if ASKS.search(text):
        return False
    told = SIZED.sub("", text).split()
    if set(told) <= (TOLD | ABOUT_THEM if people else TOLD) and is_told(clause, people):
        return True
    return is_said(text.strip(), words, heading=heading, first=first, idiom=text != clause)


def is_told(clause: str, people: bool) -> bool:
    """Whether a clause says what people are or do."""
    subject = SUBJECT.match(clause) or (THEY.match(clause) if people else None)
    if subject is None:
        return False
    rest = clause[subject.end() :].split()
    return "'" in subject[0] or any(word in VERBS for word in rest)


def is_said(text: str, words: list[str], *, heading: bool, first: bool, idiom: bool) -> bool:
    """Whether words without a subject are talk: none of them can name what is to be seen."""
    known = HEADING if heading else SAID
    greeted = bool(GREETINGS.intersection(words)) and not {"a", "an"}.intersection(words)
    if not set(words) <= (known | ADDRESSED if greeted else known):
        return False
    if PLACING.match(text) or (A_MATTER.match(text) and (ADDS.match(text) or not (first or heading))):
        return False
    return first or heading or idiom or not set(words) <= MATTERS | OBJECTS
