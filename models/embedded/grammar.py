"""Reads a newcomer's prompt: counts, colours, shapes, relations and places, in many wordings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...errors import NotInWorldError
from .wish import Group, Kind, Relation, Wish
from .world import CELLS, COLOURS, MAX_OBJECTS, NUMBERS, SHAPES

NOUNS: dict[str, str | None] = {
    **{shape: shape for shape in SHAPES},
    "disc": "circle",
    "disk": "circle",
    "dot": "circle",
    "ball": "circle",
    "rhombus": "diamond",
    "object": None,
    "shape": None,
    "thing": None,
    "figure": None,
    "item": None,
}
PLURALS = {f"{noun}s": noun for noun in NOUNS} | {"rhombuses": "rhombus", "rhombi": "rhombus"}
COUNTS = {word: number for number, word in enumerate(NUMBERS) if number}
COUNTS |= {str(number): number for number in range(1, MAX_OBJECTS + 1)}
COUNTS |= {"a": 1, "an": 1, "single": 1, "pair": 2, "couple": 2, "both": 2}
STOP_WORDS = frozenset(
    """
    please draw put place add me us paint show make create generate render give i we want would
    like need can could you picture image drawing photo scene illustration canvas of with there is
    are be should must exactly just only also and plus containing contains consisting showing
    shows depicting on in the that which some placed located standing sitting arranged positioned
    coloured colored together total so this have has to for my our then where while its their very
    each i'd i'll let's there's it's they're
    """.split()
)
SIDES = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
PICTURE = r"(?: of (?:the )?(?:picture|image|canvas|page|scene))?"
BACKGROUND = re.compile(
    r"\b(?:on|with|against|over|and)? ?(?:a |the )?"
    r"(?:(?:plain|white|light|simple|clean|empty|off-white) )+"
    r"(?:background|ground|canvas)\b"
)
NOT_PICTURE = r"(?! the (?:picture|image|canvas|page|scene))"
PHRASES: list[tuple[str, str]] = [
    (
        r"(?:at|in|on|near)? ?(?:the )?(top|upper|bottom|lower)[ -](left|right)"
        r"(?:[ -](?:hand )?(?:corner|cell))?" + PICTURE,
        "corner",
    ),
    (r"(?:to|on|at) the (left|right)(?: hand)?(?: side)? of" + NOT_PICTURE, "side-relation"),
    (r"(left|right) of" + NOT_PICTURE, "side-relation"),
    (r"(?:directly |right )?(?:on top of|above|over|atop)", "above"),
    (r"(?:directly |right )?(?:below|underneath|under|beneath)", "below"),
    (r"(?:right )?(?:next to|beside|besides|adjacent to|by the side of)", "next to"),
    (r"(?:in )?between", "between"),
    (
        r"(?:at|in|on|along|near) the (?:very )?(left|right|top|bottom)"
        r"(?:[ -]hand)?(?: (?:side|edge|row|column|half|border))?" + PICTURE,
        "side",
    ),
    (r"(?:in|at) the (?:very )?(?:middle|center|centre)" + PICTURE, "middle"),
    (r"(?:at|in|on) (?:cell |square )?([a-d][1-4])", "cell"),
]
"""Word groups with one meaning, longer ones first."""


def refuse(what: str) -> NotInWorldError:
    """The one-line answer to what the embedded world does not have."""
    return NotInWorldError(
        f"not in the embedded world: {what}. It knows the colours {', '.join(COLOURS)}; the shapes "
        f"{', '.join(SHAPES)}; up to six objects; relations (above, below, left of, right of, next to, "
        "between) and places (corners, top, bottom, left, right, middle). For anything else configure "
        "real models: set GEMS_MLLM and GEMS_GENERATOR, `gems doctor` helps"
    )


@dataclass
class Token:
    """A piece of the prompt: what sort it is and what it stands for."""

    sort: str
    value: str = ""


@dataclass
class Phrase:
    """The noun phrase being read."""

    count: int | None = None
    colours: list[str] = field(default_factory=list)
    definite: bool = False

    @property
    def started(self) -> bool:
        """Whether anything of it has been read."""
        return self.count is not None or bool(self.colours)


def phrase_token(sort: str, match: re.Match[str]) -> Token:
    """What a recognised phrase stands for."""
    if sort == "corner":
        row = "top" if match[1] in {"top", "upper"} else "bottom"
        return Token("place", f"in the {row} {match[2]} corner")
    if sort == "side-relation":
        return Token("relation", f"{match[1]} of")
    if sort == "side":
        return Token("place", SIDES[match[1]])
    if sort == "middle":
        return Token("place", "in the middle")
    if sort == "cell":
        return Token("place", f"at {match[1]}")
    return Token("relation", sort)


def fold(prompt: str) -> str:
    """The prompt in lower case, on one line, with plain quotes and without its background.

    Raises:
        NotInWorldError: a character that no word or punctuation is made of.
    """
    text = prompt.lower().replace("\u2019", "'").replace("\u2013", "-").replace("\u2014", ", ")
    text = BACKGROUND.sub(" ", re.sub(r"\s+", " ", text))
    strange = re.findall(r"[^\s\w,;:.!?'\"\u201c\u201d()\-&+/]", text)
    if strange:
        raise refuse(repr(strange[0]))
    return re.sub(r"[&+]", " and ", text)


def tokenize(prompt: str) -> list[Token]:
    """The prompt's tokens, words without meaning left out.

    Raises:
        NotInWorldError: a word that is neither known nor known to mean nothing.
    """
    text = fold(prompt)
    phrases: list[Token] = []
    for pattern, sort in PHRASES:

        def keep(match: re.Match[str], sort: str = sort) -> str:
            phrases.append(phrase_token(sort, match))
            return f" {{{len(phrases) - 1}}} "

        text = re.sub(rf"\b(?:{pattern})\b", keep, text)
    tokens, unknown = [], []
    for word in re.findall(r"\{\d+\}|\w+(?:'\w+)?|[,;:.!?]", text):
        token = phrases[int(word[1:-1])] if word[0] == "{" else word_token(word)
        if token is None:
            unknown.append(word)
        elif token.sort != "stop":
            tokens.append(token)
    if unknown:
        raise refuse(", ".join(repr(word) for word in dict.fromkeys(unknown)))
    return tokens


SIGNS = {":": Token("colon")} | {sign: Token("comma") for sign in ",;.!?"}
SMALL_WORDS = {word: Token(word) for word in ("all", "every", "them", "they", "it", "the", "and")}
OTHERS = SIGNS | SMALL_WORDS | {"ones": Token("ones"), "one's": Token("ones")}
OTHERS |= {cell: Token("place", f"at {cell}") for cell in CELLS}


def word_token(word: str) -> Token | None:
    """A single word's token; None: unknown."""
    tables = (("count", COUNTS), ("colour", COLOURS), ("noun", NOUNS), ("plural", PLURALS))
    for sort, table in tables:
        if word in table:
            return Token(sort, word)
    if word in OTHERS:
        return OTHERS[word]
    return Token("stop") if word in STOP_WORDS else None


class Reader:
    """Builds a wish from tokens, left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self.wish = Wish()
        self._phrase = Phrase()
        self._relation: tuple[int | None, str] | None = None
        self._relation_objects: list[int] = []
        self._place: str | None = None
        self._last: int | None = None
        self._header: int | None = None
        self._header_count = 0
        self._header_sum: tuple[int, int] | None = None
        self._clause_has_noun = False
        self._vague: set[int] = set()
        self._previous = ""

    def read(self) -> Wish:
        """The wish.

        Raises:
            NotInWorldError: the words are known, the sentence is not, or it asks for too much.
        """
        for position, token in enumerate(self._tokens):
            handler = getattr(self, f"_on_{token.sort}")
            handler(token.value, self._tokens[position + 1 :])
            self._previous = token.sort
        self._close_relation()
        self._loose_colours()
        self._check()
        return self.wish

    def _on_count(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        if word in {"a", "an"} and rest and rest[0].value in {"pair", "couple", "single"}:
            return
        self._phrase.count = COUNTS[word]

    def _on_colour(self, word: str, rest: list[Token]) -> None:
        self._phrase.colours.append(word)

    def _on_noun(self, word: str, rest: list[Token]) -> None:
        self._noun(NOUNS[word], 1)

    def _on_plural(self, word: str, rest: list[Token]) -> None:
        self._noun(NOUNS[PLURALS[word]], 2)

    def _on_ones(self, word: str, rest: list[Token]) -> None:
        if self._last is None:
            raise refuse("'ones', with nothing named before")
        self._noun(self.wish.groups[self._last].kind.shape, 2)

    def _on_the(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.definite = True

    def _on_it(self, word: str, rest: list[Token]) -> None:
        if self._relation is None:
            return
        subject = self._relation[0]
        others = [i for i in range(len(self.wish.groups)) if i != subject]
        if others:
            self._object(others[-1])

    _on_them = _on_they = _on_it

    def _on_all(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()

    _on_every = _on_all

    def _on_and(self, word: str, rest: list[Token]) -> None:
        if self._phrase.count is not None and self._phrase.colours:
            self._loose_colours_unless_noun(rest)

    def _loose_colours_unless_noun(self, rest: list[Token]) -> None:
        """ "one red and two blue" ends a phrase at "and"; "red and blue circles" does not."""
        if not (rest and rest[0].sort == "colour"):
            self._loose_colours()

    def _on_comma(self, word: str, rest: list[Token]) -> None:
        if self._phrase.colours and rest and rest[0].sort in {"colour", "noun", "plural"}:
            return
        self._loose_colours()
        self._close_relation_unless_list(rest)
        self._clause_has_noun = False

    def _on_colon(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._clause_has_noun = False

    def _on_relation(self, name: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._close_relation()
        self._relation = (self._subject_of(rest), name)

    def _subject_of(self, rest: list[Token]) -> int | None:
        """What a relation is about: the noun before it; after "and" the subject of the relation
        before; None, so the noun after it, when a clause begins with it ("and under it a star")."""
        goes_on = self._previous in {"and", "comma"}
        if not self._clause_has_noun or (goes_on and rest and rest[0].sort in {"it", "them"}):
            return None
        if goes_on and self.wish.relations:
            return self.wish.relations[-1].subject
        return self._last

    def _on_place(self, place: str, rest: list[Token]) -> None:
        self._loose_colours()
        ahead = any(token.sort in {"noun", "plural", "ones"} for token in rest)
        if self._last is not None and (self._clause_has_noun or not ahead):
            self.wish.places.append((self._last, place))
        else:
            self._place = place

    def _noun(self, shape: str | None, implied: int) -> None:
        phrase, self._phrase = self._phrase, Phrase()
        colours: list[str | None] = [*phrase.colours] or [None]
        for colour in colours:
            index = self._resolve(phrase, Kind(colour, shape), implied)
            self._use(index)

    def _resolve(self, phrase: Phrase, kind: Kind, implied: int) -> int:
        """The group a noun phrase means: an earlier one after "the", else a new one."""
        if phrase.definite or (self._relation is not None and phrase.count is None):
            known = [i for i, group in enumerate(self.wish.groups) if fits(group.kind, kind)]
            if phrase.count is not None:
                known = [i for i in known if self.wish.groups[i].count == phrase.count]
            if known:
                return known[-1]
        if len(phrase.colours) > 1 and phrase.count is not None:
            raise refuse("several colours for one number: say how many of each colour")
        count = phrase.count or (implied if len(phrase.colours) < 2 else 1)
        exact = phrase.count is not None or implied == 1
        index = self._enter(Group(kind, count, exact))
        if phrase.definite and phrase.count is None:
            self._vague.add(index)
        if kind.colour is None:
            self._header, self._header_count = index, 0
        return index

    def _enter(self, group: Group) -> int:
        """A new group, unless it says more about one that was only referred to ("the square")."""
        for index in sorted(self._vague):
            if fits(group.kind, self.wish.groups[index].kind):
                self._vague.discard(index)
                self.wish.groups[index] = group
                return index
        self.wish.groups.append(group)
        return len(self.wish.groups) - 1

    def _use(self, index: int) -> None:
        """Puts a group where the sentence wants it: object of a relation, at a place, or subject."""
        if self._place is not None:
            self.wish.places.append((index, self._place))
            self._place = None
        if self._relation is None:
            self._last, self._clause_has_noun = index, True
        elif self._relation[0] is None and self._relation_objects:
            self._relation = (index, self._relation[1])
            self._close_relation()
            self._last, self._clause_has_noun = index, True
        else:
            self._object(index)

    def _object(self, index: int) -> None:
        assert self._relation is not None
        self._relation_objects.append(index)
        subject, name = self._relation
        group = self.wish.groups[index]
        enough = name != "between" or group.count > 1 or len(self._relation_objects) == 2
        if subject is not None and enough:
            self._close_relation()
            self._last, self._clause_has_noun = index, True

    def _close_relation_unless_list(self, rest: list[Token]) -> None:
        if self._relation is not None and self._relation[0] is not None:
            self._close_relation()

    def _close_relation(self) -> None:
        if self._relation is None:
            return
        subject, name = self._relation
        objects = tuple(dict.fromkeys(self._relation_objects))
        self._relation, self._relation_objects = None, []
        if subject is None or not objects or subject in objects:
            raise refuse(f"'{name}', without saying what stands {name} what")
        self.wish.relations.append(Relation(subject, name, objects))

    def _loose_colours(self) -> None:
        """A count and colour, or a colour, without a noun: about the noun named before."""
        phrase, self._phrase = self._phrase, Phrase(definite=False)
        if not phrase.started:
            return
        if self._header is None:
            words = " ".join(phrase.colours) or NUMBERS[phrase.count or 0]
            if not phrase.colours and phrase.count == 1:
                return
            raise refuse(f"{words!r} without a shape")
        header = self.wish.groups[self._header]
        if not phrase.colours:
            raise refuse(f"{NUMBERS[phrase.count or 0]!r} without a colour or shape")
        kind = Kind(phrase.colours[-1], header.kind.shape)
        if phrase.count is None and self._header_count == 0:
            self.wish.groups[self._header] = Group(kind, header.count, header.exact)
            return
        self._split_header(kind, phrase.count or 1)

    def _split_header(self, kind: Kind, count: int) -> None:
        """ "circles: one red, two blue": the first part takes the header's place."""
        assert self._header is not None
        group = Group(kind, count)
        header = self.wish.groups[self._header]
        if self._header_count == 0:
            self._header_sum = (header.count if header.exact else 0, 0)
        assert self._header_sum is not None
        self._header_sum = (self._header_sum[0], self._header_sum[1] + count)
        if self._header_count == 0:
            self.wish.groups[self._header] = group
            self._last = self._header
        else:
            self.wish.groups.append(group)
            self._last = len(self.wish.groups) - 1
        self._header_count += 1
        self._clause_has_noun = True

    def _check(self) -> None:
        if not self.wish.groups:
            raise refuse("a prompt that names no shape")
        if self._header_sum and self._header_sum[0] not in (0, self._header_sum[1]):
            said, named = (NUMBERS[number] for number in self._header_sum)
            raise refuse(f"{said} objects of which {named} are described")
        if self.wish.total > MAX_OBJECTS:
            raise refuse(f"{self.wish.total} objects in one picture")


def fits(have: Kind, wanted: Kind) -> bool:
    """Whether "the WANTED" can mean a group of kind ``have``."""
    colour = wanted.colour is None or wanted.colour == have.colour
    return colour and (wanted.shape is None or wanted.shape == have.shape)


def read_prompt(prompt: str) -> Wish:
    """The wish in ``prompt``.

    Raises:
        NotInWorldError: it asks for something the embedded world does not have.
    """
    return Reader(tokenize(prompt)).read()
