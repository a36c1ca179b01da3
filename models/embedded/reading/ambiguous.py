"""Wordings of the embedded world's requests that could mean several things, and the answers to them."""

from __future__ import annotations

from .wordings import WHERE
from .words import ANY_LOOK, ANY_PLURAL, ANY_THING, COLOUR, LIKE, SIZE

OPEN: list[tuple[str, str]] = [
    (
        r"the (?:first|second|third|fourth|last)\b(?! one\b)(?= \w)",
        "of several (say how many of each, or where each stands)",
    ),
    (
        r"(?:all|both|each|every\w*)\b[^,.;:!?]* (?:but|except|besides)\b"
        rf"(?! (?:no|not|in|{COLOUR}|{SIZE})\b)",
        "of which some are not (say how many of each)",
    ),
    (
        rf"(?<!is )(?<!are )(?<!be )there {LIKE}{ANY_PLURAL}\b",
        "(say 'there are', or how many)",
    ),
    (
        rf"(?<=[a-z] )\((?:this is |it is |it's |as )?the {ANY_THING}\)",
        "in brackets (say once what it is)",
    ),
    (
        rf"(?:only|just) the (?=[^,.;:!?]*\b(?:is|are|in|should|has|have|{COLOUR}|{SIZE})\b)",
        "(say what the others are like, too)",
    ),
    (
        rf"(?:pair|couple) of {LIKE}{ANY_PLURAL} and "
        rf"{ANY_PLURAL}\b",
        "(say how many of each)",
    ),
    (rf"{WHERE} all ?:", "(say it of each)"),
    (
        rf"the one (?:on|at|to|in) the (?:left|right|top|bottom|middle|centre|center)"
        rf"(?=(?: (?:is|should be|in|being))? {ANY_LOOK}\b)",
        "(say what each is like, from left to right)",
    ),
    (
        r"(?:on|at) the (?:left|right) and [^,.;:!?]*\b(?:on|at) the (?:left|right) of (?:an?|one)\b",
        "(say where each stands)",
    ),
    (r"(?:its|their) own", "(say how many there are, and where each stands)"),
    (
        r"(?<=[a-z,.;?!] )(?:actually|instead|sorry|yes),? (?:an?|one|two|three|make|the) [a-z]+",
        "(say only what there is)",
    ),
    (r"like (?:an?|the|in|on|my) \w+", "(say what there is, and not what it is like)"),
    (
        rf"(?<!the )(?<!on )(?<!in )(?:sky|grass|midnight|night)[ -](?={COLOUR}\b)[a-z]+",
        "as a shade (I know plain colours only)",
    ),
]
"""Wordings that could mean several things, and what to say of what they match."""
