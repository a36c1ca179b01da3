"""What people tell beside a request: what and whom the picture is for, how they came to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..world import COLOURS
from .chatter import KIN
from .words import COUNTS, NOUNS, PLURALS, SHADES, SIDES, SIZE_WORDS, STOPS

MEDIA = (
    "poster card postcard invitation flyer leaflet sticker logo t-shirt tshirt book cover worksheet "
    "presentation slide slides app game newsletter magazine calendar menu print profile avatar emblem "
    "header tattoo "
    "bag mural embroidery patch banner label colouring coloring greeting thumbnail"
).split()
"""What a picture may be."""
OCCASIONS = (
    "kitchen bedroom nursery room playroom bathroom wall fridge door desk office shop store bakery "
    "cafe caffe café coffeeshop "
    "restaurant kindergarten preschool school classroom lesson course project homework party birthday "
    "wedding anniversary christmas easter halloween holiday holidays summer winter spring autumn sale "
    "promo campaign event concert club company firm business startup charity test fun exam story "
    "bedtime maths math english science art band neighbour neighbor cousin uncle aunt auntie nan gran "
    "grandad granddad grandparents parents family colleague partner girlfriend boyfriend baby babies "
    "nursing nurse students pupils playgroup valentine valentine's mother's father's new year years "
    "old "
    "ward board noticeboard whiteboard picnic bbq counting spelling practice practise learning "
    "alphabet "
    "vocabulary workshop meeting twins twin boys girls boy girl pet coffee tea music reading next "
    "upcoming local small little big own rating today tonight tomorrow"
).split()
"""Whom, where and when a picture may be for."""
OWNER = r"(?:my|our|his|her|their|your|the|a|an|this|that|some)"
AIM = rf"(?:\d+[- ]?)?(?:{'|'.join([*KIN, *MEDIA, *OCCASIONS])})(?:'s|s'|s)?"
AS_A_USE = r"as(?! (?:small|little|big|old)(?: as\b| and\b| *(?:[.,;:!?]|$)))"
PURPOSE = (
    rf"(?:for|{AS_A_USE})(?: {OWNER})?(?:[ -]{AIM})+(?:(?: and| of| in)?(?: {OWNER})(?:[ -]{AIM})+)*"
)
SHEET = (
    rf"(?:(?:{'|'.join(MEDIA)}|birthday|wedding|christmas|easter|simple|quick|new|spelling|counting"
    rf"|tote|"
    r"idea|ideas|design|print)s?[ -]?)+"
)
REQUEST = (
    r"(?:please|draw|paint|make|create|generate|show|give|put|can|could|would|will|let's|let us|let me|"
    r"i(?:'d| would| want| need)|we(?:'d| would| want| need)|what about|how about|imagine|picture)"
)
OPENING = (
    rf"(?:{SHEET}(?:{PURPOSE})?|(?:(?:a|an|my|our|the|this|next|new|another|first|second|last|quick|"
    r"simple|easy|short|small|little|silly) )*(?:request|task|prompt|idea|test|one|try|challenge|"
    r"assignment|exercise|question|order|brief|description|wish|job|scene|picture|image|drawing))"
)
FAVOURITE = r"fav(?:ou?rites?|rite|e)?(?: (?:animals?|things?|shapes?|toys?|foods?|colou?rs?))?"
VOID: list[tuple[str, str]] = [
    (
        r"(?:(?:for|on|it is|it's|happy) )?"
        r"(?:mother|father|valentine|new year|teacher)'?s?'? day\b ?:?",
        " ",
    ),
    (rf"^\W*(?:(?:these|here) are )?(?:my|our|his|her) {FAVOURITE}(?: are| is)? ?:", " "),
    (
        rf"(?:(?:it|they|that|these)(?: is| are|'s)|its|thats) (?:my|our|his|her) {FAVOURITE}"
        r"(?=[,.;!?]|$)",
        " ",
    ),
    (r"something (?=(?:for|as) (?:a|an|the|my|our|his|her)\b)", " "),
    (rf"^\W*(?:(?:it is|it's|this is) )?(?:an? |my |our |the )?{OPENING}(?: \d+)? *[:!]", " "),
    (
        rf"^\W*(?P<lead>(?:{REQUEST} |me |us |i |you |have |get |like )*)(?:an? |the |my |our )?{SHEET}"
        rf"(?: ?{PURPOSE})?(?= ?(?:of|with|showing|that shows?|which shows?)\b)",
        r" \g<lead> picture ",
    ),
    (rf"(?:(?:it is|it's|this is|that's) )?{PURPOSE}(?![\w'-])", " "),
    (
        r"(?:(?:it|that|this|which) )?(?:would|will|'ll|should|could) (?:be|look)(?: (?:so|very"
        r"|really))? "
        r"(?:great|nice|lovely|perfect|good|cool|awesome|wonderful|sweet|fun|amazing|fantastic|fine"
        r"|best)"
        r"(?: too)?(?=[,.;:!?]|$)",
        " ",
    ),
    (
        r"(?:that's|that is) (?:it|all)(?: i (?:want|need))?|nothing (?:fancy|special|more "
        r"complicated)",
        " ",
    ),
    (r"(?:(?:and|who|that) )?(?:they )?are (?:(?:best|good|old) )?friends", " "),
    (r"(?:as|being) an? (?:user|customer|client|teacher|beginner|newcomer|child|parent)", " "),
    (r"(?:and )?(?:keep|make) (?:it|things) (?:simple|nice|pretty|cute|clear|plain)", " "),
    (
        r"(?:i'm|i am|we're|we are|just) (?:just |only )?(?:testing|trying|curious|wondering|playing "
        r"around)"
        r"(?: (?:this|it|you|things))?(?: out)?(?=[,.;:!?]|$)",
        " ",
    ),
    (r"if you (?:drew|made|painted|showed|gave|created)(?: me| us)?", " "),
    (r"let's (?:try|see|start with)(?: something(?: (?:else|new|simple|easy))?)?(?=[,.;:!?])", " "),
    (r"you know what would be (?:nice|great|lovely|fun|cool)", " "),
    (r"(?:what|how) (?:does|do|would|might) (.+?) look(?: like)?(?=\W*$)", r"\1"),
    (r"(?:no (?:rush|hurry|worries|problem)|surprise me with|feel free to)", " "),
]
"""Wordings that ask for nothing, and what is left of them."""
ABOUT_US = re.compile(
    r"(?:(?:so|and|well|but|because|since|as|today|yesterday|last \w+|when|hi|hello|ok),? )*"
    r"(?:(?:i|we)(?:'m|'re|'ve|'d|'ll| am| are| was| were| had| went| go| loved?| lived?| work| "
    r"teach| saw"
    r"| bought| got| been| just| always| never| really| know| think| thought| remember| used| can't"
    r"| cannot| don't| do| did| will)\b"
    r"|(?:he|she|they)(?:'ll| will| would)?(?: really| always| just)? (?:loves?|likes?|adores?|turns?"
    r"|passed|asked|said|thinks?|hopes?|wanted|loved|turned|be happy|be pleased|(?:is|are) (?:turning"
    r"|getting|obsessed|crazy|mad|\d))\b"
    rf"|(?:my|our|his|her|their)(?: \w+)? (?:{'|'.join(KIN)})"
    r" (?:is|was|has|had|loves?|likes?|turns?|will|just|said|says|got|went|lives?|works?|\w+ed)\b"
    r"|(?:my|our|his|her|their)(?: \w+)? (?:favou?rite|name|birthday|\w+day)\b"
    r"|(?:it's|it is|today is|tomorrow is) (?:my|our|his|her|their)(?: \w+)? "
    rf"(?:{'|'.join(OCCASIONS)}|anniversary|turn|idea|dream|job)\b"
    r"|(?:it|this|that) (?:is|was|will be|would be|has been) (?:for|a (?:gift|present|surprise))\b"
    r"|(?:it has|there has) been\b)"
)
ASKING = re.compile(
    r"\b(?:want|wants|need|needs|draw|drawn|paint|make|show|see|picture|pictures|image|drawing|scene"
    r"|ask|"
    r"asks|imagine|background|with|would like|'d like|called|named|wish|hope|looking for|get)\b"
)
POINTING = re.compile(r"\b(?:it|its|them|they|he|she|him|his|her)\b")
GOES_ON = re.compile(rf"\W*(?:(?:so|and|but|then|now|ok|okay),? )*{REQUEST}\b")
REASON = re.compile(r"\W*(?:because|since|and (?:she|he|they|we|i)|she|he|they)\b")
CLAUSE = re.compile(r"[^.;:!?,]+(?:[.;:!?,]+|$)|[.;:!?,]+")
OF_THE_WORLD = {*COLOURS, *SHADES, *NOUNS, *PLURALS, *SIDES, *SIZE_WORDS, *COUNTS} - {
    "a",
    "an",
    "one",
    "both",
}
OF_THE_WORLD |= set(
    "no not without night day daytime sky meadow grass field lawn middle center centre corner corners "
    "row column above below under over between beside next left right except but only instead".split()
)


def without_asides(text: str) -> str:
    """``text`` in small letters without what asks for nothing."""
    for pattern, left in VOID:
        text = re.sub(rf"(?<![\w'])(?:{pattern})" if pattern[0] != "^" else pattern, left, text)
    return without_stories(text)


def without_stories(text: str) -> str:
    """``text`` without clauses about people that name nothing of the world. Where the first thing that
    is left points back at one of them they stay, and are refused word by word."""
    clauses = CLAUSE.findall(text)
    stories = [is_story(clauses, at) for at in range(len(clauses))]
    left = "".join(ended(clauses, stories))
    if not any(stories) or not names_something(left) or points_back(left):
        return text
    return left


def ended(clauses: list[str], stories: list[bool]) -> Iterator[str]:
    """The clauses that are no stories; a sentence that a story ended ends where it began."""
    for at, clause in enumerate(clauses):
        after = at + 1 < len(clauses) and stories[at + 1] and clauses[at + 1].rstrip()[-1:] in STOPS
        if not stories[at]:
            yield (
                f"{clause.rstrip(' ,;:')}. " if after and clause.rstrip()[-1:] not in STOPS else clause
            )


def is_story(clauses: list[str], at: int) -> bool:
    """Whether a clause is about people, says nothing that a picture could show, and is no part of a
    list: it is a sentence, the request comes after it, or it is the reason at the end."""
    clause, said = clauses[at], clauses[at].strip(" ,.;:!?")
    if not ABOUT_US.match(said) or ASKING.search(said) or names_something(said):
        return False
    begins = at == 0 or clauses[at - 1].rstrip()[-1:] in STOPS
    ends = clause.rstrip()[-1:] in STOPS or at == len(clauses) - 1
    asked = at + 1 < len(clauses) and GOES_ON.match(clauses[at + 1]) is not None
    return (begins and (ends or asked)) or (ends and REASON.match(clause) is not None)


def names_something(text: str) -> bool:
    """Whether ``text`` holds a word that a picture could be about, or the mark of a text."""
    return any(word in OF_THE_WORLD or "_" in word for word in re.findall(r"\w+", text))


def points_back(text: str) -> bool:
    """Whether a pronoun comes before the first thing of the world."""
    pronoun = POINTING.search(text)
    named = (m for m in re.finditer(r"\w+", text) if m[0] in NOUNS or m[0] in PLURALS or "_" in m[0])
    first = next((match.start() for match in named), len(text))
    return pronoun is not None and pronoun.start() < first
