"""Reads "one" and "ones": "the red one", "two black ones", "a cat and a big one"."""

from __future__ import annotations

from ..questions import includes
from ..wish import Group, ObjectKind
from .ahead import THINGS
from .headers import Header, Phrase
from .nouns import NounReader
from .words import Token, refuse


class OnesReader(NounReader):
    """Finds what is left out where "one" or "ones" stands for it."""

    def __init__(self) -> None:
        super().__init__()
        self._relation_objects: list[int] = []
        self._ones: list[int] = []
        """What is called so in the list that ends here: "two cats, a red one and a blue one"."""

    def _on_ones(self, word: str, rest: list[Token]) -> None:
        phrase, header = self._phrase, self._header
        if header is not None and phrase.definite and header.said > 1 and not self._is_known(phrase):
            raise refuse(f"'the {' '.join(phrase.colours) or phrase.size} one', of several (say which)")
        if (
            header is not None
            and self._is_part(phrase, header)
            and not self._is_another(phrase, header)
            and (phrase.definite or self._last in {header.index, *header.members})
        ):
            self._loose_colours()
            self._ones = [*header.members] if phrase.after == "and" else []
        elif self._last is None or (word != "one" and self._is_of_one(phrase)):
            raise refuse("'ones', with nothing or one thing named before")
        else:
            before = self._relation_objects[-1] if self._relation_objects else self._last
            self._noun(self.wish.groups[before].kind.name, 1 if word == "one" else 2)

    def _refuse_ones_at(self, where: str) -> None:
        """ "two cats, a red one and a blue one under a tree": is the red one there, too?"""
        here = len(self._ones) > 1 and self._ones[-1] == self._last and self._previous in THINGS
        if here and not any(self._is_placed(index) for index in self._ones):
            raise refuse(f"a list before '{where}' (say where each stands)")

    def _is_known(self, phrase: Phrase) -> bool:
        """Whether "the red one" can mean a group named before."""
        wanted = ObjectKind(phrase.colours[0] if phrase.colours else None, None, phrase.size)
        return any(includes(wanted, group.kind) for group in self.wish.groups)

    def _is_of_one(self, phrase: Phrase) -> bool:
        """ "a cat: two big ones": are there three?"""
        group = self.wish.groups[self._last or 0]
        bare = group == Group(ObjectKind(None, group.kind.name), 1)
        return bare and phrase.after in {"comma", "colon"}

    def _is_another(self, phrase: Phrase, header: Header) -> bool:
        """ "a cat and a black one", "a big cat, a small one": one more; "a cat, a black one" says what
        the cat is like."""
        if header.parts or phrase.count is None or phrase.definite:
            return False
        kind = self.wish.groups[header.index].kind
        unlike = bool((phrase.size and kind.size) or (phrase.colours and kind.colour))
        return unlike or (header.said == 1 and phrase.after in {"and", "with", "relation"})

    def _is_part(self, phrase: Phrase, header: Header) -> bool:
        """Whether "two red ones" can be some of those named before."""
        room = header.said - header.named
        return bool(phrase.colours or phrase.size) and (not header.said or (phrase.count or 1) <= room)
