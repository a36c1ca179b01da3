"""Reads a newcomer's prompt: counts, colours, shapes, relations and places, in many wordings."""

from __future__ import annotations

from dataclasses import dataclass, field

from .wish import Group, ObjectKind, Relation, Wish
from .words import COUNTS, NOUNS, PLURALS, Token, refuse, tokenize
from .world import MAX_OBJECTS, NUMBERS


@dataclass
class Phrase:
    """The noun phrase being read: what came before its noun."""

    count: int | None = None
    colours: list[str] = field(default_factory=list)
    definite: bool = False

    @property
    def started(self) -> bool:
        """Whether a count or a colour has been read, so that it wants a noun."""
        return self.count is not None or bool(self.colours)


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
            index = self._resolve(phrase, ObjectKind(colour, shape), implied)
            self._use(index)

    def _resolve(self, phrase: Phrase, kind: ObjectKind, implied: int) -> int:
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
        kind = ObjectKind(phrase.colours[-1], header.kind.shape)
        if phrase.count is None and self._header_count == 0:
            self.wish.groups[self._header] = Group(kind, header.count, header.exact)
            return
        self._split_header(kind, phrase.count or 1)

    def _split_header(self, kind: ObjectKind, count: int) -> None:
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


def fits(have: ObjectKind, wanted: ObjectKind) -> bool:
    """Whether "the WANTED" can mean a group of kind ``have``."""
    colour = wanted.colour is None or wanted.colour == have.colour
    return colour and (wanted.shape is None or wanted.shape == have.shape)


def read_prompt(prompt: str) -> Wish:
    """The wish in ``prompt``.

    Raises:
        NotInWorldError: it asks for something the embedded world does not have.
    """
    return Reader(tokenize(prompt)).read()
