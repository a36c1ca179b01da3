"""The tokenizer of the embedded world: words, with what means the same folded together."""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from ..models.embedded.synonyms import SPACED, SYNONYMS, plural
from ..models.embedded.world import CELLS, COLOURS, GROUNDS, KINDS, LETTERS, NUMBERS, PLAIN, THINGS
from .pipeline import as_pipelines_want

DROPPED = """
    a an the of and that with at in on to it is are there be please draw me us show i want would like
    need picture image photo drawing painting letter letters colored coloured some exactly all them both
    only its
""".split()
"""Words that say nothing here."""
SAME: dict[str, str] = {
    "left of": "leftof",
    "right of": "rightof",
    "next to": "beside",
    "by day": "day",
    "sky": "day",
    "grass": "meadow",
    "field": "meadow",
    "dark": "night",
    "over": "above",
    "under": "below",
    "underneath": "below",
    "beneath": "below",
    "pair": "two",
    "couple": "two",
    "without": "no",
    "says": "sign",
    "saying": "sign",
    "reads": "sign",
    "word": "sign",
    "center": "middle",
    "centre": "middle",
    "large": "big",
    "tiny": "small",
    "little": "small",
    "every": "each",
    "sign(?: sign)+": "sign",
}
"""Patterns, and the one word that stands for each."""
WORDS = """
    no above below leftof rightof beside left right top bottom middle corner each row column sign big
    small between half side diagonal circle around behind inside front other except nothing empty full
    line first second third last
""".split()
"""Words about places and the like; some of them are spare, so that captions can be added to a training
that has begun."""


def vocabulary() -> dict[str, int]:
    """Every word and its number."""
    grounds = [name for name in GROUNDS if name != PLAIN]
    words = ["[pad]", "[unk]", "[start]", *KINDS, *COLOURS, *CELLS, *NUMBERS[1:], *grounds, *WORDS]
    return {word: index for index, word in enumerate(dict.fromkeys(words))}


def folds() -> list[tuple[str, str]]:
    """Patterns and replacements, in order: small letters for words, none for what says nothing."""
    capitals = [(f"{letter}(?=[a-z])|^{letter}(?= [a-z])", letter.lower()) for letter in LETTERS]
    joined = [(rf"\b{apart}(?=s?\b)", word) for word, apart in SPACED.items()]
    nouns = (*THINGS, *SYNONYMS)
    plurals = [(rf"\b{plural(noun)}\b", noun) for noun in nouns if plural(noun) != noun]
    synonyms = [(rf"\b{other}\b", name) for other, name in SYNONYMS.items()]
    numbers = [(rf"\b{number}\b", word) for number, word in enumerate(NUMBERS)]
    dropped = [(rf"\b(?:{'|'.join(DROPPED)})\b", " ")]
    spaces = [(" +", " ")]
    same = [(rf"\b(?:{pattern})\b", word) for pattern, word in SAME.items()]
    phrases = [entry for entry in same if " " in entry[0] and not entry[1].startswith("sign")]
    words = [entry for entry in same if entry not in phrases]
    return [
        ("[^A-Za-z0-9]+", " "),
        *capitals,
        *phrases,
        *joined,
        *plurals,
        *synonyms,
        *numbers,
        *dropped,
        *spaces,
        *words,
    ]


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A word-level tokenizer of the embedded world. Words in capitals are read letter by letter; a word
    it does not know becomes ``[unk]``; every text begins with ``[start]``, so none is empty."""
    known = vocabulary()
    core = Tokenizer(models.WordLevel(known, unk_token="[unk]"))
    core.normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(pattern), word) for pattern, word in folds()]
    )
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex("[A-Z]"), "isolated")]
    )
    core.post_processor = processors.TemplateProcessing(
        single="[start] $A", special_tokens=[("[start]", known["[start]"])]
    )
    return as_pipelines_want(core)
