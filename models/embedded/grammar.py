"""Reads a newcomer's prompt: counts, sizes, colours, things, words, relations and places, in many
wordings."""

from __future__ import annotations

from .arrangement import drop_if_described, line_up, order, spread
from .elisions import complete
from .headers import Phrase
from .nouns import NounReader
from .questions import includes
from .wish import Group, Relation, Wish, area_of
from .words import Token, refuse, tokenize
from .world import GRID, MAX_OBJECTS

BESIDE = {"on the left": "left of", "on the right": "right of"}
"""What a place says of something that is "with" something else."""
POINTERS = frozenset({"it", "them", "that"})
SIDE_OF = {name: place for place, name in BESIDE.items()}


class Reader(NounReader):
    """Builds a wish from tokens, left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__()
        self._tokens = tokens
        self._relation: tuple[int | None, str] | None = None
        self._relation_objects: list[int] = []
        self._place: str | None = None
        self._line: str | None = None
        self._order: str | None = None
        self._in_corners = False
        self._topic: int | None = None
        self._with: int | None = None
        self._list: list[int] = []
        self._apposed: set[int] = set()

    def read(self) -> Wish:
        """The wish.

        Raises:
            NotInWorldError: the words are known, the sentence is not, or it asks for too much.
        """
        for position, token in enumerate(self._tokens):
            handler = getattr(self, f"_on_{token.sort.replace(' ', '_')}")
            handler(token.value, self._tokens[position + 1 :])
            self._previous = token.sort
        self._close_relation()
        self._loose_colours()
        if self._order is not None:
            order(self.wish, self._order)
        self._check_header()
        split = self._header.index if self._header and self._header.parts else None
        for index in sorted(self._apposed - {split}, reverse=True):
            drop_if_described(self.wish, index)
        self._check()
        return self.wish

    def _may_mean(self, phrase: Phrase) -> bool:
        return super()._may_mean(phrase) or (self._relation is not None and phrase.count is None)

    def _on_it(self, word: str, rest: list[Token]) -> None:
        if self._relation is not None:
            known = self._known(self._relation[0])
            if known is not None:
                self._object(known)

    _on_them = _on_they = _on_it

    def _on_that(self, word: str, rest: list[Token]) -> None:
        """The last thing named, whatever the sentence has been about."""
        self._topic = None
        self._on_it(word, rest)

    def _known(self, subject: int | None) -> int | None:
        """What a relation without a name after it is to: what the last such one was to, else what was
        named before its subject."""
        if self._topic is None or self._topic == subject:
            others = [i for i in range(len(self.wish.groups)) if i != subject]
            self._topic = others[-1] if others else None
        return self._topic

    def _on_with(self, word: str, rest: list[Token]) -> None:
        if self._clause_has_noun and self._relation is None:
            self._topic = self._with = self._last

    def _on_scene(self, word: str, rest: list[Token]) -> None:
        if not self._phrase.colours:
            self._phrase = Phrase()

    def _on_in(self, word: str, rest: list[Token]) -> None:
        """Things stand on the ground and in the picture; none can stand in or on another."""
        ahead = next((t.sort for t in rest if t.sort not in {"the", "count", "colour", "size"}), "")
        if self._clause_has_noun and ahead in {"noun", "plural", *POINTERS}:
            raise refuse("a thing in or on another (I know above, on top of and next to)")

    _on_on = _on_in

    def _on_and(self, word: str, rest: list[Token]) -> None:
        if self._denying and rest and rest[0].sort in {"plural", "noun", "colour", "size"}:
            raise refuse("a list after 'no' (say 'no' before each)")
        if self._previous == "relation":
            self._close_relation()
        if self._phrase.count is not None and (self._phrase.colours or self._phrase.size):
            self._loose_colours_unless_noun(rest)

    def _loose_colours_unless_noun(self, rest: list[Token]) -> None:
        """ "one red and two blue" ends a phrase at "and"; "red and blue circles" does not."""
        if not (rest and rest[0].sort in {"colour", "size"}):
            self._loose_colours()

    def _on_comma(self, word: str, rest: list[Token]) -> None:
        if self._phrase.colours and rest and rest[0].sort == "colour":
            return
        self._loose_colours()
        self._close_relation_unless_list(rest)
        self._appose()
        self._clause_has_noun = False

    def _appose(self) -> None:
        """What comes next may say what the objects just named are."""
        if self._last is not None and self._previous in {"noun", "plural"}:
            self._apposed.add(self._last)

    def _on_colon(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._appose()
        self._clause_has_noun = False

    def _on_of(self, word: str, rest: list[Token]) -> None:
        """A number of things is meant, or a side of one, but not a thing of things."""
        ahead = next((t.sort for t in rest if t.sort not in {"the", "count", "colour", "size"}), "")
        if self._previous in {"noun", "plural"} and ahead in {"noun", "plural"}:
            raise refuse("a thing made of others")

    def _on_relation(self, name: str, rest: list[Token]) -> None:
        self._refuse_denied()
        self._loose_colours()
        self._close_relation()
        self._relation = (self._subject_of(rest), name)
        self._list = []

    def _subject_of(self, rest: list[Token]) -> int | None:
        """What a relation is about: the noun before it; after "and" the subject of the relation
        before; None, so the noun after it, when a clause begins with it ("and under it a star")."""
        goes_on = self._previous in {"and", "comma"}
        back = bool(rest) and rest[0].sort in POINTERS
        if not self._clause_has_noun or (back and (goes_on or len(self.wish.groups) == 1)):
            return None
        if goes_on and self.wish.relations:
            return self.wish.relations[-1].subject
        return self._last

    def _on_place(self, place: str, rest: list[Token]) -> None:
        self._refuse_denied()
        if self._phrase.whole and not self._phrase.started:
            drawn = [i for i, group in enumerate(self.wish.groups) if group.count]
            self.wish.places += [(index, place) for index in drawn]
            return
        if self._phrase.count and not self._phrase.colours and self._last is not None:
            self._portion()
        self._loose_colours()
        if place in BESIDE and self._with not in (None, self._last) and self._clause_has_noun:
            self._relation = (self._last, BESIDE[place])
            self._close_relation()
            return
        ahead = any(token.sort in {"noun", "plural", "ones"} for token in rest)
        if self._last is not None and (self._clause_has_noun or not ahead):
            self.wish.places.append((self._last, place))
        else:
            self._place = place

    def _on_on_top(self, word: str, rest: list[Token]) -> None:
        """ "with a star on top": above what was named before it; of nothing, at the top."""
        if self._last and self._clause_has_noun and self._relation is None:
            self._loose_colours()
            self._relation = (self._last, "above")
            self._close_relation()
        else:
            self._on_place("at the top", rest)

    def _on_ground(self, name: str, rest: list[Token]) -> None:
        self._loose_colours()
        if self.wish.ground not in (None, name):
            raise refuse("several grounds in one picture (say by day, on a meadow or at night)")
        self.wish.ground = name

    def _on_corners(self, word: str, rest: list[Token]) -> None:
        self._refuse_denied()
        self._loose_colours()
        ahead = any(token.sort in {"noun", "plural", "ones"} for token in rest)
        if self._last is not None and (self._clause_has_noun or not ahead):
            spread(self.wish, self._last)
        else:
            self._in_corners = True

    def _on_order(self, name: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._order = name

    def _on_row_ahead(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase = Phrase()
        self._line = "row"

    def _on_column_ahead(self, word: str, rest: list[Token]) -> None:
        self._on_row_ahead(word, rest)
        self._line = "column"

    def _on_row(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        line_up(self.wish, self._listed(), "row")

    def _on_column(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        line_up(self.wish, self._listed(), "column")

    def _listed(self) -> list[int]:
        """What "in a row" is about: the last group where it is several, else the list that it ends."""
        self._refuse_denied()
        if self._last is None or self._last not in self._list:
            raise refuse("a row or column, without saying of what (say 'a row of' before it)")
        if self.wish.groups[self._last].count == 1:
            return list(self._list)
        if len(self._list) > 1:
            raise refuse(
                "a list in a row or column, with several of a kind (say 'a row of' before those)"
            )
        return [self._last]

    def _use(self, index: int) -> None:
        """Puts a group where the sentence wants it: object of a relation, at a place, or subject."""
        if self._relation is None:
            self._list.append(index)
        if self._line is not None:
            line_up(self.wish, [index], self._line)
            self._line = None
        if self._in_corners:
            spread(self.wish, index)
            self._in_corners = False
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
        """Enters the relation; one with nothing after it ("and a star below") is about what was named
        before its subject."""
        if self._relation is None:
            return
        subject, name = self._relation
        objects = tuple(dict.fromkeys(self._relation_objects))
        self._relation, self._relation_objects = None, []
        if subject is not None and not objects:
            known = self._known(subject)
            if known is None and name in SIDE_OF:
                self.wish.places.append((subject, SIDE_OF[name]))
                return
            objects = () if known is None else (known,)
            if name == "between" and sum(self.wish.groups[i].count for i in objects) < 2:
                objects = ()
        if subject is None or not objects or subject in objects:
            raise refuse(f"'{name}', without saying what stands {name} what")
        self.wish.relations.append(Relation(subject, name, objects))

    def _check(self) -> None:
        if not any(group.count for group in self.wish.groups):
            raise refuse("a prompt that names nothing to draw")
        for denied in (group.kind for group in self.wish.groups if group.count == 0):
            if any(group.count and includes(denied, group.kind) for group in self.wish.groups):
                raise refuse(f"both some and no {denied.words(2)}")
        for index, group in enumerate(self.wish.groups):
            if len(area_of(self.wish, index)) < group.count:
                raise refuse(f"{group.words()} where there is no room for them")
        if any(vague(a, b) for a in self.wish.groups for b in self.wish.groups):
            raise refuse("objects and others that may be the same ones (say how many of each)")
        self._check_words()
        if self.wish.total > MAX_OBJECTS:
            raise refuse(f"{self.wish.total} objects in one picture")

    def _check_words(self) -> None:
        words = [group.kind for group in self.wish.groups if group.kind.is_word]
        for name in (kind.name or "" for kind in words):
            if " " in name:
                raise refuse(f"{name!r} (one word a sign)")
            if len(name) > GRID:
                raise refuse(f"{name!r} (a row has room for four letters)")
        if words and any(group.count and group.kind.name is None for group in self.wish.groups):
            raise refuse("letters beside objects without a name (say what those are)")


def vague(wide: Group, narrow: Group) -> bool:
    """Whether objects of two groups may be meant to be the same, so that their number is open."""
    different = wide.kind != narrow.kind and includes(wide.kind, narrow.kind)
    return different and bool(wide.count and narrow.count) and not (wide.exact and narrow.exact)


def read_prompt(prompt: str) -> Wish:
    """The wish in ``prompt``.

    Raises:
        NotInWorldError: it asks for something the embedded world does not have.
    """
    return Reader(complete(tokenize(prompt))).read()
