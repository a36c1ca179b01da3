"""Reads how people note down what they want: "[2x fish, orange]", "count(star) >= 3", "bg: day", bullet
points, slashes, arrows before what is said again."""

from __future__ import annotations

import re

from ..world import COLOURS, NUMBERS
from .comparisons import with_sizes
from .emoji import SIGN, TONE
from .words import ANY_LOOK as LOOK
from .words import ANY_PLURAL, COLOUR, NOUNS, PLURALS, SIZE, SIZE_WORDS

THING = rf"(?:{'|'.join(sorted([*NOUNS, *PLURALS], key=len, reverse=True))}|ice creams?)"
NUMBER = r"(?:an?|one|two|three|four|five|six|seven|eight|[1-8])"
LOOKS = rf"{LOOK}(?:(?:,? and |, ?| ){LOOK})*"
GROUNDS = {
    "day": "by day",
    "daytime": "by day",
    "sky": "by day",
    "night": "at night",
    "nighttime": "at night",
    "meadow": "on a meadow",
    "grass": "on a meadow",
    "field": "on a meadow",
    "plain": " ",
    "white": " ",
    "none": " ",
}
GROUND = re.compile(
    r"(?i)\b(?:the )?(?:bg|back ?ground|back ?drop|ground|scene|setting|time)(?: is| should be| must"
    r" be| ?[:=]{1,2}|(?<=bg)) ?(?:an? |the )?"
    rf"(?P<name>{'|'.join(GROUNDS)})(?: time| sky)?(?= *(?:[,.;!?/|\n\])]|$))|(?P<before>day|night"
    rf"|meadow) ?bg\b"
)
BRACKET = re.compile(r"\[([^\[\]]*)\]")
ITEM = re.compile(
    rf"(?i)\s*(?:(?P<count>\d+) ?(?:x|\u00d7)? ?)?(?P<look>(?:{LOOK} )*)(?P<noun>{THING})(?:,? ?(?:x"
    rf"|\u00d7) ?(?P<times>\d+))?"
    rf"(?P<more>(?:[,;|/]? ?(?:colou?r ?[:=] ?|size ?[:=] ?)?{LOOK})*)\s*"
)
COUNT = re.compile(
    rf"(?i)\b(?:count|number|amount|num|qty|n) ?(?:\(|of |\[)? ?(?P<noun>{THING})s? ?[)\]]? ?"
    rf"(?P<how>>=|\u2265|=>|==?|>|:) ?(?P<number>\d)\b"
)
MORE = re.compile(
    rf"(?i)\b(?P<noun>{THING}) ?(?:(?P<how>>=|\u2265|>) ?(?P<number>\d)\b|(?:==?|:|\*) ?(?P<alone>\d)"
    rf"(?= *(?:[,;.+]|$)))"
)
TIMES = re.compile(rf"(?i)\b(?P<number>\d) ?\* ?(?=(?:{LOOK} )*{THING}\b)")
JUST_ONE = re.compile(
    rf"(?i)\ban? (?P<phrase>(?:{LOOK} )*{THING}) ?\((?:just|only|exactly) (?:one|1|a single one)!?\)"
)
NAMED = re.compile(
    rf"(?i)(?:(?<=^)|(?<=[,;\n])|(?<=[,;] ))(?:object|thing|item|shape)s? ?[=:] ?(?={THING}\b)"
)
ASSIGNED = re.compile(rf"(?i)\b(?:colou?rs?|size) ?=+ ?(?P<look>{LOOKS})")
LABELS = re.compile(
    r"(?i)(?:^|(?<=[\n.;,\])]))\s*(?:-> ?|\u2192 ?)?(?:relations?|relationship|layout|position(?:s"
    r"|ing)?|arrangement|placement|where"
    r"|constraints?|rules?|location) ?: *"
)
AT_LEAST = re.compile(
    rf"(?i)(?P<phrase>\b(?:{LOOK} )*{THING}),? ?\((?P<how>at least|min\.?|minimum|exactly|just|only"
    rf"|x)? ?(?P<number>{NUMBER})"
    r"(?: of them)?(?P<plus>\+| or more)?\)"
)
LOOSE = re.compile(
    rf"(?i)\b(?P<phrase>(?:{LOOK} )*{ANY_PLURAL})(?:,|\.|!|:)* (?:(?:a )?lots?(?: of"
    rf" them)?[,.! ]+)?(?:(?:they are|there are|like"
    rf"|maybe|about|say|let's say) )+(?P<number>{NUMBER})(?= *(?:[,.;!?]|$))"
)
LIKE = re.compile(
    r"(?i)(?:(?<=^)|(?<=[,.!:;] )|(?<=[,.!:;])|(?<=gimme )|(?<=give me )|(?<=want )|(?<=need )|"
    r"(?<=with )|(?<=and )|(?<=draw )|(?<=have )|(?<=get )|(?<=add ))like (?=(?:two|three|four|five"
    r"|six|seven|eight|\d+) (?:[a-z]+ )*[a-z]+)"
)
ARROW = re.compile(r" ?(?:->|\u2192|=>) ?")
RESTATED = re.compile(
    rf"(?i)(?:the )?(?P<one>{THING}) (?:is )?(?:above|below|under|left of|right of|next to|beside"
    rf"|between|on|in|at)\b"
)
BULLET = re.compile(r"(?m)^[ \t]*(?:[-*\u2022\u00b7]|\d{1,2}[.)])[ \t]+")
SHADED = re.compile(
    rf"(?i)\b(?P<number>two|three|four|five|six|seven|eight|[2-8])(?P<of> of them)?(?P<noun>"
    rf" {THING})?[,:]? ?(?:are )?"
    rf"(?P<colours>{COLOUR}(?:(?:, | ){COLOUR})*,? and {COLOUR})(?= *(?:[.;!?]|$))"
)
IN_CORNER = re.compile(
    r"(?i)\b(?:in|at) (?:the )?corner,? ?(?:on |at )?(?:the )?(?P<row>top|upper|bottom|lower)[ -]"
    r"(?P<side>left|right)\b"
)
NUMBERED = re.compile(
    rf"(?i)\b(?P<look>{LOOK}|the|other|left|right|that|this) 1(?! ?(?:x\b|\u00d7|{THING}\b|{LOOK}))"
    rf"(?=\W)"
)
OF_THEM = re.compile(
    rf"(?i)(?:(?<=^)|(?<=[.!?\n] ))(?P<thing>(?:\b{LOOK} )*\b{THING})(?:[!.]+ ?| (?={SIGN}))"
    rf"(?P<signs>(?:{SIGN}{TONE}*\s*)*)(?P<number>{NUMBER}) of (?:them|those|these|'?em)\b"
)
PLACED = re.compile(
    rf"(?i)(?<=[,.;] )(?P<look>{LOOK}) (?:one|1) (?=(?:is |goes |stands )?(?:on|in|at|to|above|below"
    rf"|under|next|beside|left|right)\b)"
)
BENEATH = re.compile(
    r"(?i)\b(meadow|grass|lawn|field) (?:beneath|below|underneath|under(?:neath)? it)\b"
)
EVERYTHING = re.compile(
    rf"(?i)\b(?:everything|all(?: of it| of them)?) (?:must|should|has to|have to|needs to) be "
    rf"(?P<look>{LOOK}) ?: ?(?P<rest>[^.!?]*)(?P<more>.*)"
)
UNLIKE = re.compile(
    rf"(?i)\b(?P<what>(?:{LOOK} )*(?P<noun>{THING})),? (?:but |and )?not an? (?P<look>{COLOUR}"
    rf"|{SIZE}) one,?"
    r"(?P<rest> (?:above|below|under|next to|beside|on|in|at|to the)\b[^.;!?]*)"
)
REPEATED = re.compile(
    rf"(?i)\b(?P<noun>{THING})(?P<more>(?:[,!.]? (?P=noun))+)[,.! ]*\(?(?:that's|thats|that is|that"
    rf" makes|makes|=|so) ?(?P<number>{NUMBER})\)?"
)


def written_plainly(prompt: str) -> str:
    """``prompt`` with its notations in words, where they are sure."""
    text = GROUND.sub(ground, prompt)
    text = BRACKET.sub(item, text)
    text = COUNT.sub(counted, text)
    text = NAMED.sub("", TIMES.sub(r"\g<number> ", MORE.sub(counted, text)))
    text = JUST_ONE.sub(r"one \g<phrase>", text)
    text = ASSIGNED.sub(r"\g<look>", text)
    text = LABELS.sub(" ", text)
    text = AT_LEAST.sub(at_least, text)
    text = LOOSE.sub(r"\g<number> \g<phrase>", text)
    text = REPEATED.sub(repeated, text)
    text = LIKE.sub("", text)
    text = OF_THEM.sub(r"\g<number> \g<thing>", text)
    text = PLACED.sub(r"the \g<look> one ", BENEATH.sub(r"\1", text))
    text = SHADED.sub(shaded, text)
    text = with_sizes(text)
    text = IN_CORNER.sub(r"in the \g<row> \g<side> corner", text)
    text = NUMBERED.sub(r"\g<look> one", text)
    text = EVERYTHING.sub(everything, text)
    text = UNLIKE.sub(r"\g<what>\g<rest>, no \g<look> \g<noun>", text)
    text = arrows(text)
    text = bullets(text)
    return re.sub(r" / | ?\| ?", ", ", text)


def ground(match: re.Match[str]) -> str:
    """The ground of a match in words."""
    return f" {GROUNDS[(match['name'] or match['before']).lower()]}"


def item(match: re.Match[str]) -> str:
    """What stands in square brackets as a noun phrase; the match itself where it is none."""
    found = ITEM.fullmatch(match[1])
    if found is None:
        return f"({match[1]})" if re.fullmatch(rf"(?i){LOOKS}", match[1]) else match[0]
    looks = re.findall(rf"(?i){LOOK}", f"{found['look']} {found['more']}")
    sizes = [word for word in looks if word.lower() in SIZE_WORDS]
    colours = [word for word in looks if word.lower() in COLOURS]
    if len(sizes) > 1 or len(colours) > 1:
        return match[0]
    return f"{' '.join([found['count'] or found['times'] or '1', *sizes, *colours, found['noun']])}. "


def counted(match: re.Match[str]) -> str:
    """ "count(star) >= 3" in words; the match itself where it is no number of the world."""
    alone = match.groupdict().get("alone")
    how, number = ("=", int(alone)) if alone else (match["how"], int(match["number"]))
    if how == ">":
        number += 1
    noun = match["noun"]
    least = "" if how in {"=", "==", ":"} else "at least "
    return f"{least}{number} {noun}"


def at_least(match: re.Match[str]) -> str:
    """ "ghosts (at least two)" with its number before it."""
    how = (match["how"] or "").lower()
    least = "at least " if how in {"at least", "min", "min.", "minimum"} or match["plus"] else ""
    return f"{least}{match['number']} {match['phrase']}"


def repeated(match: re.Match[str]) -> str:
    """ "spider spider spider (that's 3)" as a number of them, where it is that; else the match
    itself."""
    times = 1 + len(re.findall(match["noun"], match["more"], re.IGNORECASE))
    return f"{times} {match['noun']}" if match["number"] == str(times) else match[0]


def shaded(match: re.Match[str]) -> str:
    """ "three bells: red, red and green" as two red ones and a green one; the match itself where each
    has a colour of its own, or they are not as many."""
    colours = re.findall(COLOUR, match["colours"].lower())
    if match["number"].lower() not in (str(len(colours)), NUMBERS[len(colours)]) or len(
        set(colours)
    ) == len(colours):
        return match[0]
    parts = [f"{NUMBERS[colours.count(colour)]} {colour}" for colour in dict.fromkeys(colours)]
    return f"{match['number']}{match['noun'] or ''}: {' and '.join(parts)}"


def everything(match: re.Match[str]) -> str:
    """What all is like, said of all in its only sentence; nothing where each is said to be so there."""
    alike = [
        w for w in re.findall(LOOK, match["rest"].lower()) if SIZE_WORDS.get(w, w) == look_of(match)
    ]
    if len(alike) >= len(re.findall(rf"(?i)\b{THING}\b", match["rest"])):
        return match["rest"] + match["more"]
    alone = not match["more"].strip(" .!?")
    return f"{match['rest']}, all {match['look']}{match['more']}" if alone else match[0]


def look_of(match: re.Match[str]) -> str:
    """The look in a match by the world's name for it."""
    return SIZE_WORDS.get(match["look"].lower(), match["look"].lower())


def arrows(text: str) -> str:
    """``text`` with a full stop for an arrow before what is said of things named before it."""
    parts = ARROW.split(text)
    if len(parts) != 2:
        return text
    said = RESTATED.match(parts[1].strip())
    if said is None or not re.search(rf"(?i)\b{said['one']}", parts[0]):
        return text
    return f"{parts[0].rstrip(' .,;')}. {parts[1]}"


def bullets(text: str) -> str:
    """A list of which each point has a comma of its own, with a full stop after each."""
    points = [line for line in text.splitlines() if line.strip()]
    if len(points) < 2 or not all(BULLET.match(line) for line in points) or "," not in text:
        return text
    return " ".join(f"{BULLET.sub('', line).strip().rstrip('.,;')}." for line in points)
