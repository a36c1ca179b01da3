"""Reads the words that point at what a relation is to: "above it", "next to them", "below that"."""

from __future__ import annotations

from .headers import Phrase
from .lists import ListReader
from .words import Token, refuse


class PointerReader(ListReader):
    """Finds what "it", "them" and "that" mean."""

    def __init__(self) -> None:
        super().__init__()
        self._relation: tuple[int | None, str] | None = None
        """Its subject, where that is named, and its name."""
        self._topic: int | None = None
        self._topic_at = 0
        """How many groups there were when it became the topic."""
        self._around: set[int] = set()

    def _end_line(self) -> None:
        """A row that was being listed is complete."""
        raise NotImplementedError

    def _object(self, index: int) -> None:
        """What the relation is to."""
        raise NotImplementedError

    def _close_relation(self) -> None:
        """All that the relation is to has been named."""
        raise NotImplementedError

    def _relates(self) -> bool:
        return self._relation is not None

    def _may_mean(self, phrase: Phrase) -> bool:
        return super()._may_mean(phrase) or (self._relation is not None and phrase.count is None)

    def _on_it(self, word: str, rest: list[Token]) -> None:
        self._refuse_it(rest)
        self._point(one=True)

    def _refuse_it(self, rest: list[Token]) -> None:
        """ "There is a house and a tree. It is on the left."

        Raises:
            NotInWorldError: "it" after a sentence about several things.
        """
        if self._begins_standing(rest) and len(self._of_the_last_sentence()) > 1:
            raise refuse("'it', after several things (say which)")

    def _begins_standing(self, rest: list[Token]) -> bool:
        """Whether a sentence begins here that says where something stands."""
        begins = self._previous == "comma" and self._relation is None
        ahead = next((token.sort for token in rest if token.sort != "is"), "")
        return begins and ahead in {"place", "corners"}

    def _of_the_last_sentence(self) -> list[int]:
        """What the last sentence that names anything does."""
        starts = [start for start in self._starts if start < len(self.wish.groups)]
        return [index for index in self._drawn() if index >= starts[-1]] if starts else []

    def _point(self, *, one: bool) -> None:
        """ "above it", "next to them": what was named before; with ``one`` a single thing."""
        if self._relation is not None:
            known = self._known(self._relation[0], one=one)
            if one and any(known in line and len(line) > 1 for line in self._lists_in_line()):
                raise refuse("'it', after a row or column (say which of its things)")
            if known is not None:
                self._object(known)
        elif self._previous == "comma":
            self._begin_with_the_only_one()

    def _lists_in_line(self) -> list[tuple[int, ...]]:
        """The lists that stand in a row or column, and not two on both sides of one."""
        flanked = {(r.subject, *r.objects) for r in self.wish.relations if r.name == "between"}
        return [line.groups for line in self.wish.lines if line.groups not in flanked]

    def _begin_with_the_only_one(self) -> None:
        """ "a dog. It is next to a house": the sentence is about what is there, where that is one."""
        drawn = self._drawn()
        if len(drawn) == 1:
            self._last, self._clause_has_noun = drawn[0], True

    def _on_them(self, word: str, rest: list[Token]) -> None:
        """All that was named before, but what itself stands so to it: "a house and a tree, a sun above
        them and a cloud above them"; "They are on the left"."""
        if self._relation is None:
            self._begin_with_several(rest)
            return
        subject, name = self._relation
        meant = self._meant_by_them(subject, name)
        if name == "next to" or len(meant) < 2:
            self._refuse_one_of_several(subject, meant)
            self._point(one=False)
            return
        self._relation_objects += meant
        if subject is not None:
            self._around.add(subject)
            self._close_relation()
            self._last, self._clause_has_noun = subject, True

    _on_they = _on_them

    def _begin_with_several(self, rest: list[Token]) -> None:
        """ "a cat and a dog. They are on the left.": all of the last sentence.

        Raises:
            NotInWorldError: it named one of several: "a cat. A dog. They are on the left."
        """
        last = self._of_the_last_sentence()
        if self._begins_standing(rest) and self._objects_in(last) < min(2, len(self._drawn())):
            raise refuse("'they', after several sentences (say which)")
        if self._begins_standing(rest) and len(last) > 1:
            if any(token.sort == "corners" for token in rest[:2]):
                raise refuse("several things in each corner (say which is where)")
            self._phrase = Phrase(whole=True)
        else:
            self._point(one=False)

    def _refuse_one_of_several(self, subject: int | None, meant: list[int]) -> None:
        """ "a sun and a cloud, a tree next to them": next to which?"""
        known = self._known(subject)
        if len(meant) > 1 and known is not None and self.wish.groups[known].count == 1:
            raise refuse("'next to them', of several things (say next to which)")

    def _meant_by_them(self, subject: int | None, name: str) -> list[int]:
        """What the sentence has named, where that is several things, else all; "between them" is about
        the last several."""
        others = [i for i in self._drawn() if i != subject and i not in self._around]
        if name == "between" and self._with in others and self._objects_in([self._with]) > 1:
            return [self._with]
        starts = reversed(self._starts) if name == "between" else self._starts[-1:]
        named = ([i for i in others if i >= start] for start in starts)
        return next((groups for groups in named if self._objects_in(groups) > 1), others)

    def _on_that(self, word: str, rest: list[Token]) -> None:
        """The last thing named, whatever the sentence has been about."""
        self._topic = None
        self._point(one=False)

    def _known(self, subject: int | None, *, one: bool = False) -> int | None:
        """What a relation without a name after it is to: what the last such one was to, else what was
        named before its subject."""
        plural = one and self._topic is not None and self._is_several(self._topic)
        if self._topic in (None, subject) or plural or self._is_past(subject):
            others = [i for i in self._drawn() if i != subject]
            single = [i for i in others if one and not self._is_several(i)]
            others = single or others
            self._topic = others[-1] if others else None
            self._topic_at = len(self.wish.groups)
        return self._topic

    def _is_several(self, index: int) -> bool:
        """Whether a group is no "it": several things that no row makes one."""
        lined = any(index in line.groups for line in self.wish.lines)
        return self.wish.groups[index].count != 1 and not lined

    def _is_past(self, subject: int | None) -> bool:
        """Whether a later sentence has named what says nothing of the topic."""
        starts = [start for start in self._starts if start >= self._topic_at]
        about = {r.subject for r in self.wish.relations if self._topic in r.objects}
        named = {i for i in self._drawn() if starts and i >= starts[0]}
        return bool(named - about - {subject})

    def _on_with(self, word: str, rest: list[Token]) -> None:
        if self._clause_has_noun and self._relation is None:
            self._topic = self._with = self._last
            self._topic_at = len(self.wish.groups)
