"""Reads what people take back: "a plane, no wait, two planes", "a red cat, I mean blue", "a castle? if
not, a pink house"."""

from __future__ import annotations

import re
from collections.abc import Callable

from .words import ANY_LOOK, COLOUR, COUNTS, NOUNS, PLURALS, SIZE, refuse

NUMBER = rf"(?:{'|'.join(sorted(COUNTS, key=len, reverse=True))})"
THING = rf"(?:{'|'.join(sorted([*NOUNS, *PLURALS], key=len, reverse=True))}|ice creams?)"
LOOK = rf"(?:{ANY_LOOK}(?:,? ))"
PHRASE = rf"(?:(?P<count>{NUMBER}) )?(?P<look>{LOOK}*)(?P<noun>{THING})"
SOME = (
    rf"(?:(?P<count>{NUMBER}) )(?P<look>{LOOK}*)(?P<noun>[a-z]+)|(?P<look2>{LOOK}*)(?P<noun2>{THING})"
)
"""A noun phrase; after a number or an article also one of a thing that is not known."""
ENDS = (
    r"(?= *(?:$|[,.;:!?]|(?:and|with|in|on|at|to|next|above|below|under|over|beside|between|please"
    r"|will|is|too|left"
    r"|right|instead|then)\b))"
)
PLACE = (
    r"(?:(?:in|on|at) )?(?:the )?(?:(?:top|bottom|upper|lower)[ -](?:left|right)(?: corner)?|left"
    r"|right|top|bottom"
    r"|middle|centre|center)"
)
RELATION = r"(?:above|below|under|underneath|beneath|over|beside|next to|(?:to the )?(?:left|right) of)"
WAVER = r"(?:oh|no|um|uh|hmm|ah|well|but|ok|okay|and)"
TAKES_BACK = (
    r"(?:wait|sorry|i mean|i meant(?: to say)?|scratch that|strike that|make that|correction|my "
    r"(?:mistake|bad)"
    r"|forgive me|pardon(?: me)?|excuse me|or rather|oops|whoops|actually|forget (?:that|it)|never"
    r" ?mind|nope)"
)
NOT_THAT = r"(?:(?:no|not) (?:(?:an?|the|any|more) )?(?P<denied>[a-z]+)\b[,.;!:-]* *)"
CUE = re.compile(
    rf"(?P<stop> ?[,.;:!?]+)? ?(?:(?:\b{WAVER}[,.!]* )*\b{TAKES_BACK}(?:[,.;:!-]* (?:no(?=[,.;!]| "
    rf"(?:wait|sorry|i|make|it)\b)|yes"
    rf"|wait|make (?:it|that)|i mean|i meant|sorry|it should be|instead|i want)\b)*[,.;:!-]* |"
    rf"(?<=[,.;!?] )(?:oh )?no[,!.]+"
    rf" (?=not |no |{NUMBER}\b|{COLOUR}\b|{SIZE}\b)|(?<=[a-z] )(?P<bare>no),? "
    rf"(?={NUMBER}\b)){NOT_THAT}?"
)
"""What takes back what was said right before it, and what it says of that."""
UNABLE = re.compile(
    r"(?P<stop> ?[,.;:!?]+)? ?(?:oh |ah |but |ok )*(?:i (?:guess|think|suppose) )?you (?:probably )?"
    r"(?:don't|do not|can't"
    r"|cannot|won't)(?: probably)? (?:do|have|know|draw|make)(?: any)? (?P<denied>[a-z]+)(?:"
    r" probably)?(?: either)?"
    r"[,.?!]* (?:so|then|ok|okay|in that case|well)[ ,]+"
)
"""What says that something cannot be had, so that another is asked for."""
IMPOSSIBLE = re.compile(
    r"[,.;!?]* (?P<word>[a-z]+)[,.;!?]* (?:oh |ah )*no,? (?P=word) (?:isn't|is not|not) (?:possible"
    r"|there|available)"
    r"[?!.,]* (?:ok |so |then )*"
)
CANNOT = (
    r"(?:if (?:not|you can't(?: do (?:it|that))?|(?:that|this|it)(?:'s| is) (?:not possible"
    r"|impossible|too (?:hard|difficult))"
    r"|impossible|(?:that|this|it) (?:doesn't|does not|won't|can't|cannot) (?:work|be done|go|exist)"
    r"|you (?:don't|do not) (?:have|know)(?: that| it| one)?)|otherwise)"
)
REFUSED = (
    r"(?P<refused>(?:no\?+ ?)?(?:ok|okay|alright|fine),?(?: (?:then|so))?(?= (?:an?|one|two|three) ))"
)
FALLBACK = re.compile(
    rf"(?P<wanted>[^.!?;]*?(?:{SOME}))(?P<rest>[^.!?;,]*)(?:[?,.;]+ (?:and |but |or )?{CANNOT}|\?+"
    rf" {REFUSED})[, ]*"
    r"(?:then |just (?:do |draw |make )?)?(?P<instead>[^.!?;]+)"
)
"""What is asked for, and what instead of it where that cannot be had."""
WILL_DO = re.compile(
    rf"({THING}) (?:(?:will|would) (?:do|be (?:fine|ok|okay|good))|(?:is|are) (?:ok|okay|fine|good"
    rf"|enough)(?: too| as well)?)"
    r"(?=[,.;!?]|$| please)"
)
ONE = re.sub(r"\?P<\w+>", "?:", PHRASE)
WELL = re.compile(
    rf"(?P<stop> ?[,.;:!?]+) ?(?:oh )?well,? (?P<denied>(?!))?(?={ONE} (?:will do|(?:is|are) (?:fine"
    rf"|ok|okay)))"
)
"""What somebody makes do with."""
WEAK = re.compile(r"^\W*(?:actually|sorry|pardon(?: me)?|excuse me)\W*$")
"""Cues that are said without taking anything back as well."""
IDENTITY = re.compile(
    rf"\b{THING},? (?:that|which|who)(?:'s| is| are|s) (?:(?:also|both|really|actually|secretly|at"
    rf" the same time|kind of) )*"
    rf"(?:an? )(?:{LOOK}*){THING}\b"
)
LIKE_IT = re.compile(r"(?<!\bi )(?<!\bwe )(?<!\byou )\blike (?:him|her|them|it)\b(?! *:)")
"""What points at a look that nobody told."""
CONTINUES = re.compile(r"\b(?:and so on|etc|et cetera|and so forth|and the like|and such)\b")
STOP = re.compile(r"[.;!?]")


def corrected(text: str) -> str:
    """``text`` in small letters with what was taken back replaced.

    Raises:
        NotInWorldError: it is not sure what is.
    """
    for pattern, what in (
        (LIKE_IT, "(say what there is)"),
        (IDENTITY, "(one thing that is two)"),
        (CONTINUES, "(say all that there is)"),
    ):
        if found := pattern.search(text):
            raise refuse(f"{found[0]!r} {what}")
    text = IMPOSSIBLE.sub(", ", text)
    text = FALLBACK.sub(possible, text)
    for pattern in (UNABLE, WELL, CUE):
        while match := pattern.search(text):
            changed = taken_back(text, match)
            if changed is None:
                break
            text = changed
    return WILL_DO.sub(r"\1", text)


def possible(match: re.Match[str]) -> str:
    """What is asked for where it is known, else what is to be there instead."""
    noun = match["noun"] or match["noun2"]
    if is_known(noun) and match["refused"]:
        return match[0]
    if is_known(noun):
        return f"{match['wanted']}{match['rest']}"
    before = [
        phrase for phrase in phrases(match["wanted"]) if phrase.start() != match.start(noun_of(match))
    ]
    if len(before) > 1:
        raise refuse(f"{noun!r}, of several things, or another (say what there is)")
    return f" {match['instead']}"


def noun_of(match: re.Match[str]) -> str:
    """The group that holds the noun of a phrase."""
    return "noun" if match["noun"] else "noun2"


def is_known(noun: str) -> bool:
    """Whether a word names a thing of the world."""
    return noun in NOUNS or noun in PLURALS or noun in {"ice", "sign"}


def singular(noun: str) -> str:
    """The one of a noun."""
    return PLURALS.get(noun, noun.removesuffix("s") if not is_known(noun) else noun)


def phrases(text: str) -> list[re.Match[str]]:
    """The noun phrases of ``text``, those of unknown things among them."""
    return [
        m
        for m in re.finditer(rf"\b(?:{SOME})\b", text)
        if (m["noun"] or m["noun2"]) not in {"of", "and", "in"}
    ]


def taken_back(text: str, match: re.Match[str]) -> str | None:
    """``text`` with what comes after a cue in the place of what it takes back; None: it takes back
    nothing.

    Raises:
        NotInWorldError: it may be one of several.
    """
    before, after = text[: match.start()], text[match.end() :]
    begin = max([m.end() for m in STOP.finditer(before)], default=0)
    head, sentence = before[:begin], before[begin:]
    for pattern, replace in REPLACES:
        if new := re.match(rf"{pattern}{ENDS}", after):
            changed = replace(sentence, new, match["denied"])
            if changed is None and WEAK.search(match[0]):
                return None
            if changed is None or (match.groupdict().get("bare") and no_unknown(sentence)):
                raise refuse(f"{match[0].strip(' ,.;')!r} (say only what there is)")
            return f"{head}{changed}{after[new.end() :]}"
    return None


def no_unknown(sentence: str) -> bool:
    """Whether all that a sentence names is known, so that "no a dog" may want none."""
    return all(is_known(m["noun"] or m["noun2"]) for m in phrases(sentence))


def with_phrase(sentence: str, new: re.Match[str], denied: str | None) -> str | None:
    """A sentence with another noun phrase: for the one denied, the one of that noun, or the only
    one."""
    found = phrases(sentence)
    noun = singular(denied or new["noun"])
    alike = [m for m in found if singular(m["noun"] or m["noun2"]) == noun]
    last = found[-1] if found else None
    unknown = (
        last and not is_known(last["noun"] or last["noun2"]) and last.end() == len(sentence.rstrip())
    )
    if denied and not alike:
        return None
    if (last and unknown and not denied) or (not alike and last and len(found) == 1):
        alike = [last]
    if len(alike) != 1:
        return None
    old = alike[0]
    look = old["look"] or old["look2"] or ""
    if look and not new["look"]:
        if singular(new["noun"]) != singular(old["noun"] or old["noun2"]):
            return None
        return put(sentence, old, f"{new['count'] or old['count'] or ''} {look}{new['noun']}")
    several = new["noun"] in PLURALS and old["count"] in {"a", "an", "one", "1"}
    kept = "" if new["count"] or several or not old["count"] else f"{old['count']} "
    return put(sentence, old, f"{kept}{new[0]}")


def with_look(sentence: str, new: re.Match[str], denied: str | None) -> str | None:
    """A sentence whose only noun phrase looks otherwise: "a purple cat, no wait, a green one"."""
    found = phrases(sentence)
    if len(found) != 1 or denied:
        return None
    old = found[0]
    kept = old["count"] or "" if new["many"] else new["number"]
    return put(sentence, old, f"{kept} {new['look']}{old['noun'] or old['noun2']}")


def with_word(
    pattern: str, *, inside: bool = False
) -> Callable[[str, re.Match[str], str | None], str | None]:
    """Replaces the only word of a kind; ``inside`` the last of several noun phrases."""

    def replace(sentence: str, new: re.Match[str], denied: str | None) -> str | None:
        found = [*re.finditer(rf"\b{pattern}\b", sentence)]
        named = phrases(sentence) if inside else []
        if len(named) > 1 and any(m.start() < named[-1].start() for m in found):
            return None
        if denied:
            found = [m for m in found if m[0] == denied]
        return put(sentence, found[0], new[0]) if len(found) == 1 else None

    return replace


def with_count(sentence: str, new: re.Match[str], denied: str | None) -> str | None:
    """A sentence with another number, where it has one noun phrase."""
    found = phrases(sentence)
    if len(found) != 1 or denied:
        return None
    old = found[0]
    noun = old["noun"] or old["noun2"]
    return put(sentence, old, f"{new[0]} {old['look'] or old['look2'] or ''}{noun}")


def put(text: str, old: re.Match[str], new: str) -> str:
    """``text`` with ``new`` for a match."""
    return f"{text[: old.start()]}{new}{text[old.end() :]}"


REPLACES: tuple[tuple[str, Callable[[str, re.Match[str], str | None], str | None]], ...] = (
    (rf"(?P<number>an?|one)? ?(?P<look>{LOOK}+)one(?P<many>s)?", with_look),
    (PHRASE, with_phrase),
    (COLOUR, with_word(COLOUR, inside=True)),
    (SIZE, with_word(SIZE, inside=True)),
    (NUMBER, with_count),
    (PLACE, with_word(PLACE)),
    (RELATION, with_word(RELATION)),
)
"""What may come after a cue, and what it replaces."""
