"""Reads a newcomer's prompt: counts, sizes, colours, things, words, relations and places, in many
wordings."""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile

from ..questions import includes
from ..wish import CORNERS, Group, Wish, area_of
from ..world import GRID, MAX_OBJECTS
from .ahead import ENDS, STANDING, THINGS
from .arrangement import (
    drop_if_described,
    order,
    pair_up,
    refuse_circles,
    refuse_full_cells,
    refuse_more_there,
    refuse_twins,
    refuse_unmatched,
    spread,
)
from .audit import refuse_unread
from .elisions import complete, listed, paired, settled
from .headers import Phrase
from .lines import LineReader
from .relations import BESIDE, NAMING, POINTERS
from .tokens import tokenize
from .unsure import refuse_unsure
from .words import ANY_LOOK, STOPS, Token, refuse

THE_ONE = re.compile(rf"the (?:{ANY_LOOK} ){{1,2}}ones?\b")
"""What points at one of several by what it is like."""


class Reader(LineReader):
    """Builds a wish from tokens, left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__()
        self._tokens = tokens
        self._in_corners = False
        self._cornered: int | None = None
        """What a clause said to be in every corner, before it named it."""
        self._apposed: set[int] = set()

    def read(self) -> Wish:
        """The wish.

        Raises:
            NotInWorldError: the words are known, the sentence is not, or it asks for too much.
        """
        for position, token in enumerate(self._tokens):
            self._elided = token.elided
            if token.sort in {"relation", "place"} and self._previous in {"comma", "and"}:
                self._end_order()
            handler = getattr(self, f"_on_{token.sort.replace(' ', '_')}")
            handler(token.value, self._tokens[position + 1 :])
            self._previous = self._sort_of(token)
        self._close_relation()
        self._loose_colours()
        self._end_line()
        self._end_order(ends=True)
        if self._order is not None:
            order(self.wish, self._order, self._drawn())
        self._check_header()
        split = self._header.index if self._header and self._header.parts else None
        for index in sorted(self._apposed - {split}, reverse=True):
            drop_if_described(self.wish, index)
        self._check()
        return self.wish

    def _sort_of(self, token: Token) -> str:
        """A token's sort; a thing's for "one" or "ones" that stand for one."""
        if token.sort == "ones":
            return "plural"
        is_one = token.value == "one" and self._previous in {"colour", "size"}
        return "noun" if token.sort == "count" and is_one else token.sort

    def _on_scene(self, word: str, rest: list[Token]) -> None:
        if not self._phrase.colours:
            self._phrase = Phrase()

    def _on_in(self, word: str, rest: list[Token]) -> None:
        """Things stand on the ground and in the picture; none can stand in or on another."""
        ahead = next((t.sort for t in rest if t.sort not in {"the", "count", "colour", "size"}), "")
        named = " ".join(token.value or token.sort for token in rest[:4])
        ends = not rest or rest[0].sort in {"comma", "and"}
        if ends and self._previous in {"noun", "plural"}:
            raise refuse("'on' or 'in', without saying of what (say 'above' and what)")
        named_there = ahead in {"noun", "plural", *POINTERS} or THE_ONE.match(named)
        if named_there and (self._clause_has_noun or not self._denying):
            raise refuse("a thing in or on another (I know above, on top of and next to)")

    _on_on = _on_in

    def _on_and(self, word: str, rest: list[Token]) -> None:
        self._after_comma = self._previous == "comma"
        self._close_list()
        if self._denying and rest and rest[0].sort in {"plural", "noun", "colour", "size"}:
            raise refuse("a list after 'no' (say 'no' before each)")
        if self._previous in {"noun", "plural"}:
            self._refuse_third_between(rest)
            self._refuse_more_in_corners(rest)
        if self._previous == "relation":
            self._close_relation()
        self._row_ends = self._row is not None
        if self._front is not None and self._previous in {"noun", "plural"}:
            self._go_on_from_the_front(rest)
        if self._phrase.count is not None and (self._phrase.colours or self._phrase.size):
            self._loose_colours_unless_noun(rest)

    def _loose_colours_unless_noun(self, rest: list[Token]) -> None:
        """ "one red and two blue" ends a phrase at "and"; "red and blue circles" does not."""
        if not (rest and rest[0].sort in {"colour", "size"}):
            self._loose_colours()

    def _on_comma(self, word: str, rest: list[Token]) -> None:
        adjectives = self._phrase.colours or self._phrase.size
        if adjectives and word == "," and rest and rest[0].sort in {"colour", "size"}:
            return
        self._close_list()
        self._loose_colours()
        self._close_relation_unless_list(rest)
        self._appose()
        if word == ",":
            self._refuse_more_in_corners(rest)
        self._stop, listed = word, self._front_listed
        if word in STOPS:
            self._end_sentence()
        front, self._front, self._clause_has_noun = self._front, None, False
        self._front_listed = listed and word == ","
        if front is not None and word == "," and self._previous in {"noun", "plural"}:
            self._share_the_front(front, rest, listed=listed)

    def _end_sentence(self) -> None:
        self._with = None
        self._end_order(ends=True)
        self._starts.append(len(self.wish.groups))

    def _appose(self) -> None:
        """What comes next may say what the objects just named are."""
        if self._last is not None and self._previous in {"noun", "plural"}:
            self._apposed.add(self._last)

    def _on_colon(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._appose()
        self._clause_has_noun = False
        self._front_listed = self._place is not None or self._relation is not None

    def _on_of(self, word: str, rest: list[Token]) -> None:
        """A number of things is meant, or a side of one, but not a thing of things."""
        ahead = next((t.sort for t in rest if t.sort not in {"the", "count", "colour", "size"}), "")
        if self._previous in {"noun", "plural"} and ahead in {"noun", "plural"}:
            raise refuse("a thing made of others")

    def _on_place(self, place: str, rest: list[Token]) -> None:
        self._refuse_denied()
        if self._phrase.whole and not self._phrase.started:
            self.wish.places += [(index, place) for index in self._of_the_sentence()]
            return
        if self._phrase.count and not self._phrase.colours and self._last is not None:
            self._portion()
        self._loose_colours()
        if place in BESIDE and self._with not in (None, self._last) and self._clause_has_noun:
            self._relation = (self._last, BESIDE[place])
            self._close_relation()
            return
        if self._previous == "place" and (self._last, place) in self.wish.places:
            return
        ahead = any(token.sort in {"noun", "plural", "ones"} for token in rest)
        begins = self._previous == "and" and bool(rest) and rest[0].sort in NAMING
        here = (self._clause_has_noun and not begins) or not ahead or self._is_aside(rest)
        if self._last is not None and here:
            self._refuse_of_either(place)
            self._refuse_ones_at(place)
            self.wish.places += [(index, place) for index in self._all_at(place, rest)]
        else:
            self._place = place

    def _refuse_of_either(self, place: str) -> None:
        """ "a cat above a dog, on the left": which of them?"""
        last = self.wish.relations[-1:]
        related = any(self._last in one.objects and self._last not in (one.subject,) for one in last)
        if related and self._previous == "comma" and self._stop == ",":
            raise refuse(f"'{place}' after a comma and two things (say it right after its thing)")

    def _is_aside(self, rest: list[Token]) -> bool:
        """Whether a place between commas is about what was named before it: "a cup, in the middle, with
        ..."; "four stars, one in each corner, a sun"."""
        said = (token for token in rest if token.sort != "ground")
        rest = [*dropwhile(lambda token: token.sort == "place", said)]
        if self._previous != "comma" or not rest or rest[0].sort not in {"comma", "with", "and"}:
            return False
        placed = any(owner == self._last for owner, _ in self.wish.places)
        commas = takewhile(lambda token: token.sort == "comma", rest)
        if any(token.value in STOPS for token in commas):
            return not placed
        ahead = rest[1].sort if len(rest) > 1 else ""
        if rest[0].sort == "comma" and ahead in NAMING and not placed and self._last is not None:
            raise refuse("a place between two commas (say it after what stands there)")
        return not placed and (rest[0].sort != "comma" or ahead in {"with", "and"})

    def _is_shared_out(self, rest: list[Token]) -> bool:
        """ "four stars, one in each corner; a sun": the corners are those four's."""
        four = self._last is not None and self.wish.groups[self._last].count == len(CORNERS)
        return four and self._previous == "comma" and rest[0].sort in {"comma", "and", "with"}

    def _on_on_top(self, word: str, rest: list[Token]) -> None:
        """ "with a star on top": above what was named before it; of nothing, and "on the top" of a
        sentence with nothing before it, at the top."""
        first = word == "the" and self._last == self._starts[-1]
        if self._last and self._clause_has_noun and self._relation is None and not first:
            if self._with is not None and self.wish.groups[self._with].count > 1:
                raise refuse("'on top' of several (say what each of them has on top)")
            self._loose_colours()
            self._relation = (self._last, "above")
            self._close_relation()
        elif self._last is not None and self._previous == "comma" and self._stop in STOPS:
            raise refuse("'on top' at the beginning of a sentence (say 'above' and what)")
        else:
            self._on_place("at the top", rest)

    def _on_ground(self, name: str, rest: list[Token]) -> None:
        self._loose_colours()
        if self.wish.ground not in (None, name):
            raise refuse("several grounds in one picture (say by day, on a meadow or at night)")
        self.wish.ground = name
        self._closed.update(self._list)

    def _on_corners(self, word: str, rest: list[Token]) -> None:
        self._refuse_denied()
        self._loose_colours()
        ahead = any(token.sort in {"noun", "plural", "ones"} for token in rest)
        if self._last is not None and (self._clause_has_noun or not ahead or self._is_shared_out(rest)):
            if len(self._together()) > 1:
                raise refuse("several things in each corner (say which is where)")
            spread(self.wish, self._last)
        else:
            self._in_corners = True

    def _refuse_more_in_corners(self, rest: list[Token]) -> None:
        """ "in each corner a cat and a dog": is the dog there, too?"""
        ahead = [token.sort for token in takewhile(lambda token: token.sort not in ENDS, rest)]
        here = self._cornered is not None and self._cornered == self._last
        if here and THINGS.intersection(ahead) and not STANDING.intersection(ahead):
            raise refuse("several things in each corner (say which is where)")

    def _use(self, index: int) -> None:
        """Puts a group where the sentence wants it: object of a relation, at a place, or subject."""
        if self._relation is None:
            self._list, self._lined = [*([] if self._lined else self._list), index], False
        if self._row_ends:
            self._end_line()
        if self._line is not None:
            self._begin_line(index, self._line)
        if self._in_corners:
            spread(self.wish, index)
            self._in_corners, self._cornered = False, index
        if self._place is not None:
            self.wish.places.append((index, self._place))
            self._front, self._place = (self._place, ()), None
        if self._relation is None:
            self._last, self._clause_has_noun = index, True
        elif self._relation[0] is None and self._has_objects():
            self._front = self._relation[1], tuple(self._relation_objects)
            self._relation = (index, self._relation[1])
            self._close_relation()
            self._last, self._clause_has_noun = index, True
        else:
            self._object(index)

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
        pair_up(self.wish)
        refuse_circles(self.wish)
        refuse_full_cells(self.wish)
        refuse_twins(self.wish)
        refuse_more_there(self.wish)
        refuse_unmatched(self.wish)
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
    tokens = complete(listed(paired(settled(refuse_unsure(tokenize(prompt))))))
    wish = Reader(tokens).read()
    refuse_unread(tokens, wish)
    return wish
