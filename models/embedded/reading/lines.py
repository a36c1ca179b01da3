"""Reads rows, columns and orders: "a row of", "in a column", "from left to right"."""

from __future__ import annotations

from ..wish import Group
from .ahead import first_is_bare_plural
from .arrangement import line_up, order
from .fronts import FrontReader
from .grids import rows_of, total_of
from .headers import Phrase
from .relations import NAMING
from .words import Token, refuse

MIXED_ROW = "a list in a row or column, with several of a kind (say 'a row of' before those)"


class LineReader(FrontReader):
    """Puts groups in lines and orders."""

    def __init__(self) -> None:
        super().__init__()
        self._line: str | None = None
        self._row: str | None = None
        self._row_ends = False
        self._lined = False
        """Whether what is listed stands in a row already."""
        self._order: str | None = None
        self._order_from = 0
        """The first group that the order may be about."""

    def _on_order(self, name: str, rest: list[Token]) -> None:
        self._loose_colours()
        here = [line for line in self.wish.lines if line.groups[0] >= self._starts[-1]]
        if not name and len(here) + (self._row is not None) > 1:
            raise refuse("'this order', after several rows or columns (say the order of each)")
        last = self._row or next((line.name for line in reversed(self.wish.lines)), "")
        standing = last == "column"
        self._order = name or ("above" if standing else "left of")
        self._order_from = self._starts[-1]
        if rest and rest[0].sort in {*NAMING, "the"}:
            self._order_from = self._first_of_order(rest)
        elif not rest or rest[0].sort != "colon":
            self._end_order()

    def _first_of_order(self, rest: list[Token]) -> int:
        """The group that an order begins with, which comes next; "circles, from the top red, blue"
        says what those are like."""
        header = self._header
        after = next((t.sort for t in rest if t.sort not in {"the", "count", "colour", "size"}), "")
        looks = after in {"comma", "and", "ones"}
        if looks and header is not None and not header.parts and self._last == header.index:
            return header.index
        return len(self.wish.groups)

    def _end_order(self, *, ends: bool = False) -> None:
        """Enters an order of what was named since it was spoken of, or before it in its sentence."""
        groups = [index for index in self._drawn() if index >= self._order_from]
        if self._order is not None and (len(groups) > 1 or (ends and self._objects_in(groups) > 1)):
            order(self.wish, self._order, groups)
            self._order = None

    def _on_row_ahead(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase = Phrase()
        if first_is_bare_plural(rest):
            raise refuse(MIXED_ROW)
        self._line = "row"

    def _on_column_ahead(self, word: str, rest: list[Token]) -> None:
        self._on_row_ahead(word, rest)
        self._line = "column"

    def _on_row(self, word: str, rest: list[Token]) -> None:
        self._line_up_listed("row", whole=word == "one")

    def _on_column(self, word: str, rest: list[Token]) -> None:
        self._line_up_listed("column", whole=word == "one")

    def _on_grid(self, said: str, rest: list[Token]) -> None:
        """ "six squares in a grid of two rows"."""
        self._loose_colours()
        groups = self._listed()
        last = self.wish.groups[groups[-1]]
        if len(groups) == 1 and not last.exact and (total := total_of(said)):
            self.wish.groups[groups[-1]] = Group(last.kind, total)
        name = rows_of(said, self._objects_in(groups))
        if name is None or any(self.wish.groups[index].kind.is_word for index in groups):
            raise refuse(f"so many in a grid of {said} (say two rows of two, three or four)")
        line_up(self.wish, groups, name)
        self._lined = True

    def _line_up_listed(self, name: str, *, whole: bool) -> None:
        """ "a truck and two cars in one row", "all in a row": the whole list."""
        whole = whole or (self._phrase.whole and not self._phrase.started)
        self._loose_colours()
        line_up(self.wish, self._listed(whole=whole), name)
        self._lined = True

    def _listed(self, *, whole: bool = False) -> list[int]:
        """What "in a row" is about: the last group where it is several, else the list that it ends."""
        self._refuse_denied()
        if self._header and self._last in self._header.members:
            return list(self._header.members)
        if self._last is not None and self._stands_after_its_relation(self._last):
            return [self._last]
        if self._last is None or self._last not in self._list:
            raise refuse("a row or column, without saying of what (say 'a row of' before it)")
        here = [index for index in self._list if index >= self._starts[-1]]
        alone = here == [self._last] and self.wish.groups[self._last].count > 1
        groups = here if len(here) > 1 or alone else self._list
        before = groups[0] - 1
        related = any(before in relation.objects for relation in self.wish.relations)
        if not alone and related and before >= self._starts[-1]:
            raise refuse("a list in a row after a relation (say 'a row of' before it)")
        if whole or self.wish.groups[self._last].count == 1:
            self._refuse_elsewhere(groups)
            return list(groups)
        if len(groups) > 1:
            raise refuse(MIXED_ROW)
        return [self._last]

    def _stands_after_its_relation(self, index: int) -> bool:
        """ "a house and under it three hearts in a row": the hearts alone."""
        said_last = index == len(self.wish.groups) - 1 and self.wish.groups[index].count > 1
        about = [relation for relation in self.wish.relations if index in relation.objects]
        return said_last and index not in self._list and not about and self._relation is None

    def _refuse_elsewhere(self, groups: list[int]) -> None:
        """ "a heart at the bottom, a cat and a dog in a row": is the heart in it?"""
        placed = {owner for owner, _ in self.wish.places}.intersection(groups)
        if 0 < len(placed) < len(groups):
            raise refuse("a list in a row or column, some of which has a place (say 'a row of' before)")

    def _begin_line(self, index: int, name: str) -> None:
        """ "a row of three cats" is one group; "a row of a cat, a dog and a bird" goes on."""
        self._line = None
        if self.wish.groups[index].count == 1 and self._relation is None:
            self._row, self._list = name, [index]
        else:
            line_up(self.wish, [index], name)
            self._closed.add(index)

    def _end_line(self) -> None:
        """Puts those that a row was said to be of, one by one, in it."""
        name, self._row, self._row_ends = self._row, None, False
        if name is not None:
            line_up(self.wish, self._list, name)
