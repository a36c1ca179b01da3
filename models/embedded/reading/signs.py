"""Finds what a prompt wants written: "a sign that says CAT", "the word HI in red", "two letters B"."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..world import COLOURS, NUMBERS, SIZES

QUOTE = "[\"'\u201c\u201d\u2018\u2019\u00ab\u00bb]"
MARK = re.compile(r"texts?_([a-z_]+)_")
"""What stands for a text in the rest of the reading, all in small letters."""
SURFACE = r"(?:signs?|boards?|banners?|labels?|posters?|texts?|writing|words?|letters?)"
SAYS = r"(?:(?:that |which |and )?(?:saying|says?|said|reading|reads?|spelling|spells?)\b)"
SAID = (
    r"(?:(?:that|which|and) (?:says?|said|reads?|spells?)"
    rf"|(?:(?<=\bit )|(?<=\bone )|(?<=\bother ))(?:says|reads)|saying(?= ?{QUOTE}))\b"
)
BEARS = (
    rf"(?:with|w/?|bearing|showing)(?: the)?"
    rf"(?: (?:word|text|writing|letters|name|initials)\b|(?= ?{QUOTE}|:? (?-i:[A-Z]{{2,}})\b(?! "
    rf"(?:[a-z]+ )?(?:letters?|text|writing)\b)))"
)
TEXT = rf"[:,]? ?{QUOTE}?([a-z]+(?: (?-i:[A-Z]+\b))*)(?:[.!?]?{QUOTE})?"
BEFORE = "|".join(
    rf"(?<=\b{word} )" for word in ("a", "an", *COLOURS, *SIZES, *NUMBERS[1:], *"12345678")
)
"""What a single capital letter comes after, where it is one to be drawn."""
COLOUR = f"(?:{'|'.join(COLOURS)})"
PLACED = r"(?: written)?(?: on (?:it|them|(?:a|the) (?:sign|board|banner)))?"
WORDINGS = [
    rf"{SURFACE}(?P<colour> in {COLOUR})?(?: for (?:my|our|the|a|his|her) [a-z]+)? ?[,(]? ?{SAYS}(?: "
    rf"the (?:words?|text"
    rf"|letters))?{TEXT}\)?{PLACED}",
    rf"{SAID}(?: the (?:words?|text|letters))?{TEXT}{PLACED}",
    rf"(?:that |which |and )?(?:spelling|spells|reading|reads|saying|says):? "
    rf"?{QUOTE}?((?-i:[A-Z]{{2,}}))\b"
    rf"{QUOTE}?{PLACED}",
    rf"{SURFACE}(?P<colour> in {COLOUR})? {BEARS}{TEXT}{PLACED}",
    rf"(?:the )?(?:word|text|sign){TEXT}(?<={QUOTE}){PLACED}",
    rf"(?:signs?|boards?|banners?)(?P<colour> in {COLOUR})? ?[,:(] "
    rf"?{QUOTE}?((?-i:[A-Z]{{2,}}))\b{QUOTE}?\)?{PLACED}(?= *[,.;!?]|$)",
    rf"(?:signs?|boards?|banners?) {QUOTE}?((?-i:[A-Z]{{2,}}))\b{QUOTE}?{PLACED}",
    rf"(?:(?:his|her|their|my|our|the) )?(?:initials|name) {QUOTE}?((?-i:[A-Z]{{2,}}))\b{QUOTE}?"
    r" (?:written )?on an? (?:sign|board|banner)\b",
    rf"(?:the )?word{TEXT}(?P<colour> in {COLOUR}){PLACED}",
    rf"the word{TEXT}{PLACED}",
    r"((?-i:[A-Z]{2,})) (?:signs?|boards?|banners?|labels?|posters?)\b",
    r"((?-i:[A-Z]{2,})) (?:written )?on an? (?:sign|board|banner)\b",
    rf"write {QUOTE}?((?-i:[A-Z]{{2,}}))\b{QUOTE}?{PLACED}",
    rf"(?:letters?|words?|texts?) {QUOTE}?((?-i:[A-Z]+))\b{QUOTE}?",
    rf"the letter {QUOTE}?([a-z])\b{QUOTE}?",
    rf"((?-i:[A-Z]+))\b(?= (?:written )?in (?:(?:small|big|capital|{COLOUR}) )*letters)",
    '["\u201c]([a-z]+(?: [a-z]+)*)[.!?]?["\u201d]' + PLACED,
    rf"(?:{BEFORE})((?-i:[A-Z]))\b(?!')(?: letters?)?",
]
"""What comes before and after a text; its letters are the groups without a name."""
PATTERNS = [re.compile(rf"(?<!\w){pattern}", re.IGNORECASE) for pattern in WORDINGS]
SEVERAL = re.compile(r"^(?:signs|boards|banners|words|letters|texts)\b|letters$", re.IGNORECASE)
AND = r"(?:,? (?:and|&) |, ?| )"
LISTED = re.compile(
    rf"(?i:(?:(?P<number>{'|'.join(NUMBERS[2:])}|[2-8]) )?(?P<what>{SURFACE}) ?(?:{SAYS})?:? ?)"
    rf"(?P<texts>{QUOTE}?[A-Z]+{QUOTE}?(?:{AND}{QUOTE}?[A-Z]+\b{QUOTE}?)+)"
)
"""Several texts in a row, after what they are written on."""
CAPITALS = re.compile(r"\b([A-Z]{2,})\b")


def mark_texts(prompt: str, is_known: Callable[[str], bool]) -> str:
    """``prompt`` with a mark for each text that is to be written. What ``is_known`` as a word of the
    world is none, though it be in capitals ("five STARS"), unless the prompt says that it is one."""
    text = prompt if prompt.isupper() else LISTED.sub(mark_several, prompt)
    for pattern in PATTERNS:
        text = pattern.sub(mark, text)
    if not prompt.isupper():
        text = CAPITALS.sub(
            lambda match: match[0] if is_known(match[1].lower()) else f" text_{match[1].lower()}_ ",
            text,
        )
    return text


def mark_several(match: re.Match[str]) -> str:
    """The marks for several texts, as many as are said to be there; else the mark of one that is all of
    them, so that it is refused as such."""
    texts = [text.lower() for text in re.findall(r"[A-Z]+", match["texts"])]
    said = match["number"]
    number = (
        len(texts) if said is None else int(said) if said.isdigit() else NUMBERS.index(said.lower())
    )
    if number != len(texts) or not match["what"].lower().endswith("s"):
        return f"{match['number'] or ''} text_{'_'.join(texts)}_ "
    return ", ".join(f" text_{text}_ " for text in texts)


def mark(match: re.Match[str]) -> str:
    """The mark for a match of one of the wordings, and the colour that stood before the text."""
    colour = match.groupdict().get("colour") or ""
    words = next(group for group in match.groups() if group and group != colour)
    many = "s" if SEVERAL.search(match[0]) else ""
    one = many and match[0].lower().startswith("letters") and len(words) > 1
    return f" text{'' if one else many}_{words.lower().replace(' ', '_')}_{colour} "
