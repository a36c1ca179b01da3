"""Reads lists: what a place or relation that comes after several things is about."""

from __future__ import annotations

from dataclasses import replace

from ..wish import PLACES
from .ahead import THINGS
from .headers import Phrase
from .ones import OnesReader
from .words import Token, refuse

LINES = frozenset({"row", "column"})
"""Sorts of tokens that say that what was listed stands in a line."""


class ListReader(OnesReader):
    """Knows what was listed together."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens: list[Token] = []
        self._after_comma = False
        """Whether the last "and" came after a comma."""
        self._closed: set[int] = set()
        """What was complete before the list went on: the horse of "a horse in a meadow and a sun"."""

    def _together(self) -> list[int]:
        """What a place that comes now is about, the last thing at the end: all that share its noun, its
        row or its list, and after a comma all parts of what was named before them."""
        if self._last is None:
            return []
        shared = [*self._shared] if len(self._shared) > 1 else []
        groups = self._parts() or shared or self._listed_before()
        if self._last not in groups or any(self._is_placed(i) for i in groups if i != self._last):
            return [self._last]
        return [*(i for i in groups if i != self._last), self._last]

    def _parts(self) -> list[int]:
        """The parts of what was named before them, where they are complete."""
        header = self._header
        if header is None or self._last not in header.members or self._previous != "comma":
            return []
        if header.members[0] < self._starts[-1]:
            return []
        return header.members if header.said == header.named else []

    def _listed_before(self) -> list[int]:
        """The list that an "and" ends, or that stands in a row: "a cat and a dog at the top". Who means
        the dog alone finds it there, too."""
        if self._previous in LINES and self.wish.lines:
            return [*self.wish.lines[-1].groups]
        if not self._follows_and or self._previous not in THINGS or self._list[-1:] != [self._last]:
            return []
        here = [i for i in self._list if i >= self._starts[-1] and i != self._with]
        ends = [at for at, i in enumerate(here[:-1]) if self._is_placed(i)]
        groups = here[ends[-1] + 1 :] if ends else here
        groups = [i for i in groups if i not in self._closed]
        return [] if len(groups) == 2 and self._after_comma else groups

    def _close_list(self) -> None:
        """Notes what is complete before "and" or a comma: "a cat without a hat and", "a cat that is
        black and"."""
        bare = replace(self._phrase, colours=[], size=None, after="") == Phrase()
        looks = bare and self._previous in {"colour", "size"} and not self._ends_in_word()
        if looks or (self._denying and self._previous in THINGS):
            self._closed.update(self._list)

    def _ends_in_word(self) -> bool:
        return bool(self._list) and self.wish.groups[self._list[-1]].kind.is_word

    def _all_at(self, place: str, rest: list[Token]) -> list[int]:
        """What stands at a place that comes now; "one" alone that several leave no room for.

        Raises:
            NotInWorldError: a list, for all of which there is no room.
        """
        groups = self._together()
        self._refuse_open_letters(place)
        self._refuse_open_list(groups, place)
        if len(groups) > 1 and self._objects_in(groups) > len(PLACES[place]):
            said = self._tokens[-len(rest) - 2].value
            if said == "one" and self._objects_in(groups[:1]) > 1:
                return groups[-1:]
            raise refuse(f"a list before '{place}' (say where each stands)")
        return groups

    def _refuse_open_letters(self, place: str) -> None:
        """ "the letters A, B at the top": are both?"""
        words = [i for i in self._list[-2:] if self.wish.groups[i].kind.is_word]
        listed = len(words) == 2 and self._previous in THINGS and not self._follows_and
        if listed and words[0] >= self._starts[-1] and not self._is_placed(words[0]):
            raise refuse(f"letters before '{place}' (say where each stands)")

    def _refuse_open_list(self, groups: list[int], place: str) -> None:
        """ "a house, a tree, and a sun at the top": are they all there?

        Raises:
            NotInWorldError: a list of which only a part may be meant.
        """
        if len(groups) < 2 or self._previous not in THINGS or groups != self._listed_before():
            return
        first = min(groups)
        before = range(self._starts[-1], first)
        related = {i for r in self.wish.relations for i in (r.subject, *r.objects)}
        cut = self._closed.union(related).intersection(before)
        words = {self.wish.groups[i].kind.is_word for i in groups}
        if cut or self._after_comma or len(words) > 1:
            raise refuse(f"a list before '{place}' (say where each stands)")
