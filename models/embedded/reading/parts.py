"""Reads the parts of a few of a kind: "the upper one pink and small, the other big and purple"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ..world import COLOURS
from .selectors import ALL, COUNTED, NUMBER, ORDINALS, RANK, REST, SIDES, Some, selected, selector
from .sequences import LOOK, Axis, Kind, tidy
from .words import ANY_NOUN, LIKE, NOUNS, PLURALS, SIZE_WORDS

COLUMN = re.compile(r"\b(?:column|vertical|stack|stacked|tower|(?:above|below|under|on top of) \w+)\b")
LINED = re.compile(
    r"\b(?:row|line|column|stack|stacked|tower|side by side|each other|one another|another)\b"
)
JOINT = r"(?:(?:and|but|with|while|then|where|except|that|for) )*"
GAP = re.compile(rf" ?[,;:.] ?{JOINT}| {JOINT}")
IS = (
    r"(?:,? (?:which |that )?(?:is|are|should be|must be|being|in|colou?red|ha(?:s|ve) to be|painted)"
    r"(?: (?:painted|colou?red|both|all))?)?[:,]?"
)
THING = rf"(?:an?|one) {LIKE}{ANY_NOUN}"
EXTRA = (
    rf"(?: (?:with|and) (?P<thing>{THING}) (?P<where>next to|beside|above|over|below|under|"
    r"(?:to|on) the (?:left|right) of|on top of) it\b)?"
)
GROUND = r"(?:on|at|in|by) (?:an? |the )?(?:meadow|grass|field|lawn|night|day\w*|sky)\b"
PLACE = (
    r",? (?:in|on|at|along|near) (?:the )?(?:very )?(?:top|bottom|left|right|middle|center|centre|upper"
    r"|lower)(?:[- ](?:left|right|hand|corner|half|side|row|edge))*(?: of the \w+)? *(?:[,.;!?]|$)"
)
"""Where all or the last of them stand, at the end."""
END = re.compile(rf"(?!{PLACE}) *(?:$|[,;:.!?)]|(?:and|plus) )| *{GROUND}")
WHERE = re.compile(
    r" ?(?:all )?(?:$|(?:in|on|at|along|over|under|above|below|beneath|next|beside|to|left|right|side"
    r"|one|stacked|forming)\b)"
)
ORDER = (
    r"(?:(?:from )?(?:the )?(?P<from>left|right|top|bottom) to (?:the )?(?:left|right|top|bottom):? )?"
)
AFTER = (
    r"(?:,? (?:from )?(?:the )?(?P<from2>left|right|top|bottom) to (?:the )?(?:left|right|top|bottom))?"
)
EXCEPT = re.compile(r"\b(?:except|but|besides|apart from)\b")
STOP = re.compile(r"[.;!?]")
OTHERS = Some(frozenset(), None)


TURNS = re.compile(
    rf"(?:in )?(?:alternat\w+|taking turns)(?: between)?:? (?P<one>{LOOK}) and (?P<two>{LOOK})"
    rf"|(?P<one2>{LOOK}) and (?P<two2>{LOOK}),? (?:alternat\w+|in turns?|by turns)"
)
"""Two looks that follow each other again and again."""
CLOSED = r"(?= *(?:[,;:.!?)]|$|(?:and|then|with)\b))"


@dataclass
class Members:
    """What was said of so many of a kind, by their positions."""

    noun: str
    plural: str
    like: str
    """What all are like, with a space after it."""
    total: int
    axis: Axis | None
    """The line that they stand in; None: nobody said."""
    lined: bool
    """Whether they stand in a row or column without gaps."""
    looks: dict[int, str] = field(default_factory=dict)
    ends_open: bool = False
    """Whether it was said which one is between two others, and not which of these comes first."""
    extras: list[str] = field(default_factory=list)
    """What was said of one of them beside its look."""

    @property
    def kinds(self) -> list[Kind]:
        """What stands at each position."""
        return [Kind(tidy(f"{self.like}{self.looks[at]}"), self.noun) for at in range(self.total)]


def read_members(text: str, head: re.Match[str]) -> tuple[Members, int] | None:
    """What ``text`` says of those in ``head``, and where that ends; None: not of each of them, or not
    surely."""
    members = members_of(head)
    if members is None:
        return None
    stops = [stop.start() for stop in STOP.finditer(text, head.end())]
    for end in (len(text), *stops[:1]):
        told = text[:end]
        found = in_sequence(told, head.end(), fresh(members)) or by_rank(
            told, head.end(), fresh(members)
        )
        if found and END.match(told, found[1]) and are_comparable(found[0]):
            return found
    return None


def fresh(members: Members) -> Members:
    """The members before anything was said of them."""
    return replace(members, looks={}, extras=[])


def are_comparable(members: Members) -> bool:
    """Whether no look is a size alone where another is a colour alone: the red one may be big."""
    looks = {*members.looks.values()}
    return looks.isdisjoint(SIZE_WORDS) or looks.isdisjoint(COLOURS)


def members_of(head: re.Match[str]) -> Members | None:
    """Those of which nothing is said yet; None: their names may be about something else."""
    where = f"{head['before'] or ''}{head['rest']}"
    named = [word for word in re.findall(r"\w+", head["rest"]) if word in NOUNS or word in PLURALS]
    begins = WHERE.match(head["rest"].lstrip(","))
    if not begins or any(word in PLURALS or word == PLURALS[head["noun"]] for word in named):
        return None
    lined = LINED.search(where) is not None
    axis: Axis | None = "row" if re.search(r"\balong the (?:top|bottom)\b", where) else None
    if lined:
        standing = "column" in where or (COLUMN.search(where) and not named)
        axis = "column" if standing else "row"
    total = COUNTED.get(head["number"], 2)
    return Members(PLURALS[head["noun"]], head["noun"], head["like"], total, axis, lined)


def in_sequence(text: str, at: int, members: Members) -> tuple[Members, int] | None:
    """ "pink, yellow, pink": a look for each of a row, some of them alike. Where all differ an
    order has to be asked for: "from left to right"."""
    several = rf"{LOOK}(?:(?:,? and |, ?|,? then ){LOOK}){{{members.total - 1}}}"
    match = re.compile(rf"{ORDER}(?P<looks>{several}){AFTER}").match(text, at)
    looks = [tidy(look) for look in re.findall(LOOK, match["looks"])] if match else []
    if turns := TURNS.match(text, at):
        match, pair = turns, (tidy(turns["one"] or turns["one2"]), tidy(turns["two"] or turns["two2"]))
        looks = [pair[place % 2] for place in range(members.total)]
    told = (match.groupdict().get("from") or match.groupdict().get("from2")) if match else None
    members.axis = members.axis or (SIDES[told] if told else None)
    if not match or members.axis is None or len({*looks}) == 1:
        return None
    if len({*looks}) == len(looks) and not told:
        return None
    if told in {"right", "bottom"}:
        looks.reverse()
    members.looks = dict(enumerate(looks))
    return members, match.end()


def part_of(members: Members) -> re.Pattern[str]:
    """The pattern of one part; those with places only where the whole stands in a line."""
    noun = rf"{members.noun}|{members.plural}"
    found = rf"(?P<which>{selector(noun)}){IS} (?:all |both )?(?P<look>{LOOK})(?: ones?\b)?{EXTRA}"
    if members.lined:
        number = rf"(?:the |an? |one |{NUMBER} )*"
        found += (
            rf"|{number}(?P<look2>{LOOK})(?: (?:ones?|{noun}))? (?:is )?(?:in|on|at|to) (?:the )?"
            rf"(?P<which2>{RANK})(?: side)?"
            rf"|(?:in|on|at) the (?P<which3>{RANK})(?: side)?,? (?:an? |one )?(?P<look3>{LOOK})"
            r"(?: one)?"
        )
    bare = rf"(?:(?:an?|one|(?P<of>{NUMBER})) )?(?:of them )?(?P<bare>{LOOK})(?: ones?\b)?{CLOSED}"
    return re.compile(rf"{JOINT}(?:{found}|{bare})")


def by_rank(text: str, at: int, members: Members) -> tuple[Members, int] | None:
    """What is said of members by their ranks, up to the last that is."""
    parts, end = parts_of(text, at, members)
    others = list[tuple[str, str]]()
    for part in parts:
        which, look = said_in(part)
        named = which and which not in COUNTED
        some = selected(which, members.total, f"{members.noun}|{members.plural}") if named else OTHERS
        if some is None or not agrees(some, which, members):
            return None
        if not some.positions:
            if is_of_all(which) and not EXCEPT.search(text, at):
                return None
            others.append((which, look))
        elif not enter(some, look, part, members):
            return None
    listed = [look for which, look in others if not which]
    if len(listed) == members.total == len({*listed}) == len(others):
        return (members, end) if is_ordered(listed, members) else None
    complete = members.looks and fill(others, members)
    return (members, end) if complete and len(members.looks) == members.total else None


def parts_of(text: str, at: int, members: Members) -> tuple[list[re.Match[str]], int]:
    """The parts that follow each other from ``at`` on, and where the last of them ends."""
    pattern, parts, end = part_of(members), list[re.Match[str]](), at
    while match := pattern.match(text, at):
        parts.append(match)
        end = match.end()
        gap = GAP.match(text, end)
        if gap is None:
            break
        at = gap.end()
    return parts, end


def said_in(part: re.Match[str]) -> tuple[str, str]:
    """Which ones a part is about ("": it does not say), and what they are like."""
    which = next(
        filter(None, (part.groupdict().get(w) for w in ("which", "which2", "which3", "of"))), ""
    )
    looks = (part.groupdict().get(name) for name in ("look", "look2", "look3", "bare"))
    return which, tidy(next(filter(None, looks)))


def is_of_all(which: str) -> bool:
    """Whether a part is about all, and not about all others."""
    return re.match(ALL, which) is not None and not re.search(REST, which)


def agrees(some: Some, which: str, members: Members) -> bool:
    """Whether a part is about the line that the others are about; "the second" needs one."""
    if some.axis is not None:
        members.axis = members.axis or some.axis
    by_number = any(word in which.split() for word in (*ORDINALS, "last"))
    return some.axis in (None, members.axis) and not (by_number and not members.lined)


def enter(some: Some, look: str, part: re.Match[str], members: Members) -> bool:
    """Notes a look, and what stands beside the one that has it; whether nothing was said before."""
    if some.positions & members.looks.keys() or (part["thing"] and len(some.positions) > 1):
        return False
    members.looks |= dict.fromkeys(some.positions, look)
    if part["thing"]:
        name = Kind(tidy(f"{members.like}{look}"), members.noun).words()
        members.extras.append(f"{part['thing']} {part['where']} the {name}")
    return True


def is_ordered(listed: list[str], members: Members) -> bool:
    """Whether the places of some of those listed give an order: "red, black and blue, the black one in
    the middle". Where only the middle is given, the ends are open."""
    left = [look for look in listed if look not in members.looks.values()]
    open_at = [at for at in range(members.total) if at not in members.looks]
    members.ends_open = len(open_at) == 2 and members.total == 3 and 1 in members.looks
    members.looks |= dict(zip(open_at, left, strict=False))
    return len(left) == len(open_at) and (len(left) < 2 or members.ends_open)


def fill(others: list[tuple[str, str]], members: Members) -> bool:
    """Gives those of which nothing was said the look of "the others"; whether they are as many."""
    left = [at for at in range(members.total) if at not in members.looks]
    if not others or not left:
        return not others and not left
    which, look = others[0]
    members.looks |= dict.fromkeys(left, look)
    number = next((COUNTED[word] for word in which.split() if word in COUNTED), None)
    several = rf"\b(?:others|rest|remaining|all|both|ones|{members.plural})\b"
    single = number is None and not re.search(several, which)
    return len(others) == 1 and len(left) == (number or (1 if single else len(left)))
