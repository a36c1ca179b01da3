"""Leaves out what people say around a request: sentences, headings and clauses all of whose words are
words of conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .asides import names_something, points_back
from .chatter import written_out
from .conversation import (
    ADDRESSED,
    COURTESY,
    DOINGS,
    GREETINGS,
    HOUSEHOLD,
    IDIOMS,
    MATTERS,
    NEEDED,
    NEXT_ONE,
    OBJECTS,
    PAGES,
    PEOPLE,
    POSSESSIVE,
    SMALL,
    TIMES,
    VENUES,
)
from .emoji import DETERMINERS, JOINTS, SIGN, TONE
from .letters import without_letter
from .words import NOUNS, PLURALS, refuse

SAID = SMALL | COURTESY | TIMES | MATTERS
HEADING = SAID | OBJECTS
TOLD = HEADING | PEOPLE | DOINGS | VENUES
ABOUT_THEM = frozenset("he he's she she's they they're him her his them their".split())
"""Pronouns that point at people only where people have just been spoken of."""
ENDS = (
    rf"[.!?:\u2026]+(?=\s|$|{SIGN})|\n+|\s(?:-+>?|\u2013|\u2014|\u2192|=+>?|~)(?=\s)|"
    rf"(?:{SIGN}{TONE}*\s*)+"
)
CLAUSE = re.compile(rf"(?P<said>.*?)(?P<end>{ENDS}|$)", re.DOTALL)
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
BOUND = frozenset("a an the and to of in on at with for but by from is are or no".split())
"""Words that cannot be all that somebody says."""
LOSS = re.compile(
    rf"{LEAD}(?:my|our|his|her|their) (?:(?:{PERSON})'?s? )?(?:[a-z]+ )?(?:{'|'.join(NOUNS)}) (?:"
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
OPENS = frozenset([":", "-", "->", "\u2013", "\u2014", "\u2192", "="])
"""Ends of a heading."""
LIKES = re.compile(
    rf"(?:^|(?<=[.!?] )){LEAD}(?:i'?m \d+ and )?(?:i|we|{POSSESSIVE} (?:[a-z]+ )?(?:{PERSON})) "
    rf"(?:really |just )?"
    rf"(?:like|love|adore|enjoy)s? "
    rf"(?:{'|'.join(PLURALS)})(?: and (?:{'|'.join(PLURALS)}))?(?: a lot| so much| very much)?[.!]+ "
    r"(?!(?:and|also|plus|with|but)\b)",
    re.IGNORECASE,
)
"""What somebody likes, before the request."""
ADDS = re.compile(r"(?:and|plus|also|with|then) (?:an?|some|my|our)\b")
JOINED = re.compile(
    r"(?P<said>.+?),? (?:so|therefore|hence|and so|and|but)(?P<rest> (?:(?:then|now|please|just) )?"
    r"(?:(?:i|we)"
    r"(?:'d| would)? (?:want|need|like|love|wonder)|please|can|could|would you|draw|make|paint|better"
    r" make|only|nothing"
    r"|just|let's|i'd|we'd)\b.*)",
    re.DOTALL | re.IGNORECASE,
)
NUMBERED_PAGES = re.compile(rf"\b{PAGES} ?#?(\d+|one|two|three|four|[a-d])(?= ?[:=.)\n-])")
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
    if len({match[1] for match in NUMBERED_PAGES.finditer(prompt.lower())}) > 1:
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
    capitals = (
        said.isupper() and not match.string.isupper() and bool(before or match["end"].strip() != ":")
    )
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


VERBS = DOINGS | frozenset(
    "is are was were am be been isn't aren't wasn't weren't have has had do does did don't doesn't"
    " didn't can can't "
    "want wants need needs could will won't would should shouldn't may might must".split()
)
