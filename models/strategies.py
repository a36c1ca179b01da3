"""The strategies: what a new prompt can do differently from the one before, a row each.

The list is closed, so that what is learned of a strategy adds up: whoever writes prompts names one of
these, and so do the embedded agents. Names of other versions, and of models that do not keep to the
list, are mapped.
"""

from __future__ import annotations

import re

OTHER = "other"
STRATEGIES: dict[str, str] = {
    "other words": "said otherwise, or in another order",
    "failed first": "what failed goes first",
    "spell out": "what failed in more detail",
    "digits": "numbers another way, or things counted off",
    "one by one": "a clause for every thing, with its attributes",
    "name positions": "a place for every thing",
    "move": "what is right stays, the rest goes elsewhere",
    "letters": "a text in quotes, letter by letter, larger",
    "say instead": "what is there in place of what is absent",
    "simplify": "fewer words",
    "view": "distance, size, composition",
    "style": "medium, style, light",
    "resample": "another seed",
    OTHER: "none of these",
}
"""Name -> what it does, as the refiner is told."""
MEANT = (
    (r"resampl|reroll|seed|same prompt|try again", "resample"),
    (r"absen|negat|instead|positive", "say instead"),
    (r"\bmove|shift|rearrang|relocat", "move"),
    (r"cell|position|placement|layout|grid|locat|spatial|coordinat", "name positions"),
    (r"digit|number|numeral|count|quantit", "digits"),
    (r"letter|quot|typograph|lettering|text|font", "letters"),
    (r"one by one|separat|itemi|enumerat|clause|bind|list", "one by one"),
    (r"first|front|emphas|early|priorit|lead", "failed first"),
    (r"spell|detail|explicit|describ|specif|concret|clarif|elaborat", "spell out"),
    (r"short|simpl|brief|trim|fewer|concise|remove", "simplify"),
    (r"view|angle|camera|composition|framing|close.?up|scale|size|zoom", "view"),
    (r"style|medium|light|mood|palette|texture|aesthetic", "style"),
    (r"reword|rephras|paraphras|synonym|word|phras|order", "other words"),
)
"""What free names mean, the first that fits; the rest is ``OTHER``."""


def strategy_named(said: object) -> str:
    """The strategy that ``said`` means; empty where nothing was said."""
    plain = " ".join(re.sub(r"[\W_]+", " ", str(said or "")).casefold().split())
    if not plain or plain in STRATEGIES:
        return plain
    return next((name for pattern, name in MEANT if re.search(pattern, plain)), OTHER)
