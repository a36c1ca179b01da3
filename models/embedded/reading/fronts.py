"""Reads clauses that begin with where things stand: "at the top a cat, a dog and a bird"."""

from __future__ import annotations

from itertools import takewhile

from .ahead import ENDS, STANDING, shared_items
from .relations import SEVERAL_BESIDE, SIDES, RelationReader
from .words import Token, refuse

Front = tuple[str, tuple[int, ...]]
"""A place, or a relation and what it is to."""


class FrontReader(RelationReader):
    """Has what a clause names stand where the clause began."""

    def __init__(self) -> None:
        super().__init__()
        self._place: str | None = None
        self._front_listed = False
        """Whether a colon came after the place that a list stands at."""

    def _go_on_from_the_front(self, rest: list[Token]) -> None:
        """ "at the top a cat and a dog", "under the cloud a cat and a dog": both; but "left a cat
        and on the right a dog"."""
        ahead = [t.sort for t in takewhile(lambda t: t.sort not in ENDS, rest)]
        first = next((sort for sort in ahead if sort not in {"the", "in", "on"}), "")
        if first in STANDING:
            self._clause_has_noun = False
        elif not STANDING.intersection(ahead) and self._front is not None:
            where, objects = self._front
            if where in SIDES:
                raise refuse(SEVERAL_BESIDE)
            if objects:
                self._relation, self._relation_objects = (None, where), list(objects)
            else:
                self._place = where

    def _share_the_front(self, front: Front, rest: list[Token], *, listed: bool) -> None:
        """ "at the top a cat, a dog and a bird": all of them; "top: a cat, a dog".

        Raises:
            NotInWorldError: "at the top a cat, a dog", where the dog may stand elsewhere.
        """
        items, closed = shared_items(rest)
        follows_on = not listed and rest[0].sort == "and" if rest else True
        if not items or follows_on:
            return
        if not (listed or closed):
            raise refuse(f"a list after '{front[0]}' (say 'and' before its last, or where each stands)")
        self._front, self._front_listed = front, True
        self._go_on_from_the_front(rest)
