"""Reads noun phrases: numbers, colours and shapes, also where a list leaves the shape out."""

from __future__ import annotations

from dataclasses import dataclass, field

from .wish import Group, ObjectKind, Wish
from .words import COUNTS, NOUNS, PLURALS, Token, refuse
from .world import NUMBERS


@dataclass
class Phrase:
    """The noun phrase being read: what came before its noun."""

    count: int | None = None
    """0 after "no"."""
    colours: list[str] = field(default_factory=list)
    definite: bool = False
    least: bool = False
    """Whether "at least" came before it."""
    whole: bool = False
    """Whether "all", "every" or "each" came before it."""

    @property
    def started(self) -> bool:
        """Whether a count or a colour has been read, so that it wants a noun."""
        return self.count is not None or bool(self.colours)


@dataclass
class Header:
    """A group named before its parts: the circles of "circles: one red, two blue"."""

    index: int
    said: int
    """The number it was named with, 0: none."""
    parts: int = 0
    named: int = 0
    """How many objects its parts have together."""


class NounReader:
    """Builds a wish's groups from tokens, left to right; what else is said of them its heirs read."""

    def __init__(self) -> None:
        self.wish = Wish()
        self._phrase = Phrase()
        self._header: Header | None = None
        self._vague: set[int] = set()
        self._previous = ""
        self._denying = False
        self._last: int | None = None
        self._clause_has_noun = False

    def _use(self, index: int) -> None:
        """What the sentence wants with a group that was just named."""
        raise NotImplementedError

    def _may_mean(self, phrase: Phrase) -> bool:
        """Whether a noun phrase may mean a group named earlier."""
        return phrase.definite or phrase.whole

    def _on_count(self, word: str, rest: list[Token]) -> None:
        if word == "one" and self._previous == "colour":
            self._on_ones(word, rest)
            return
        least = self._phrase.least and not self._phrase.started
        self._loose_colours()
        if word in {"a", "an"} and rest and rest[0].value in {"pair", "couple", "single", "trio"}:
            return
        count = self._half() if word == "half" else COUNTS[word]
        self._phrase = Phrase(count, definite=self._phrase.definite, least=least)
        self._denying = False

    def _half(self) -> int:
        said = self._header.said if self._header else 0
        if said == 0 or said % 2:
            raise refuse("'half', of what cannot be halved")
        return said // 2

    def _on_least(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.least = True

    def _on_no(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.count = 0
        self._denying = True

    def _on_or(self, word: str, rest: list[Token]) -> None:
        if not self._denying:
            raise refuse("'or' (say which)")
        self._on_no(word, rest)

    def _on_colour(self, word: str, rest: list[Token]) -> None:
        self._phrase.colours.append(word)
        if self._previous == "in" and self._last is not None and not goes_on(rest):
            self._loose_colours()

    def _on_noun(self, word: str, rest: list[Token]) -> None:
        self._refuse_shared_colour(word)
        self._noun(NOUNS[word], 1)

    def _on_plural(self, word: str, rest: list[Token]) -> None:
        self._refuse_shared_colour(word)
        self._noun(NOUNS[PLURALS[word]], 2)

    def _refuse_shared_colour(self, word: str) -> None:
        """ "a red square and circle": is the circle red?"""
        bare = self._previous == "and" and self._phrase == Phrase()
        if bare and self._last is not None and self.wish.groups[self._last].kind.colour:
            raise refuse(f"{word!r} after 'and', with a colour before it (say the colour of each)")

    def _on_ones(self, word: str, rest: list[Token]) -> None:
        if self._header is not None and self._phrase.colours:
            self._loose_colours()
        elif self._last is None:
            raise refuse("'ones', with nothing named before")
        else:
            self._noun(self.wish.groups[self._last].kind.shape, 1 if word == "one" else 2)

    def _on_the(self, word: str, rest: list[Token]) -> None:
        whole = self._phrase.whole and not self._phrase.started
        self._loose_colours()
        self._phrase = Phrase(definite=True, whole=whole)

    def _on_all(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.whole = True

    _on_every = _on_each = _on_all

    def _noun(self, shape: str | None, implied: int) -> None:
        phrase, self._phrase = self._phrase, Phrase()
        colours: list[str | None] = [*phrase.colours] or [None]
        for colour in colours:
            index = self._resolve(phrase, ObjectKind(colour, shape), implied)
            if phrase.count != 0:
                self._use(index)

    def _resolve(self, phrase: Phrase, kind: ObjectKind, implied: int) -> int:
        """The group a noun phrase means: an earlier one after "the", else a new one."""
        if self._may_mean(phrase):
            known = [i for i, group in enumerate(self.wish.groups) if fits(group.kind, kind)]
            if phrase.count is not None:
                known = [i for i in known if self.wish.groups[i].count == phrase.count]
            if known:
                return known[-1]
        if phrase.whole and phrase.count is None:
            raise refuse(f"'all' or 'each' of what was not named before (say how many {kind.words(2)})")
        if len(phrase.colours) > 1 and phrase.count is not None:
            raise refuse("several colours for one number: say how many of each colour")
        open_count = implied if len(phrase.colours) < 2 else 1
        count = open_count if phrase.count is None else phrase.count
        exact = (phrase.count is not None or implied == 1) and not phrase.least
        index = self._enter(Group(kind, count, exact))
        if phrase.definite and phrase.count is None:
            self._vague.add(index)
        if kind.colour is None and count:
            self._header = Header(index, count if exact else 0)
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

    def _loose_colours(self) -> None:
        """A count and colour, or a colour, without a noun: about the noun named before."""
        phrase, self._phrase = self._phrase, Phrase()
        if not phrase.started:
            return
        if phrase.count == 0:
            self._deny(phrase)
        elif self._header is not None:
            self._about_header(phrase, self._header)
        elif phrase.colours or phrase.count != 1:
            words = " ".join(phrase.colours) or NUMBERS[phrase.count or 0]
            raise refuse(f"{words!r} without a shape")

    def _deny(self, phrase: Phrase) -> None:
        """ "none of them red"."""
        if self._last is None or not phrase.colours:
            raise refuse("'no', without saying of what there is none")
        shape = self.wish.groups[self._last].kind.shape
        self.wish.groups += [Group(ObjectKind(colour, shape), 0) for colour in phrase.colours]

    def _about_header(self, phrase: Phrase, header: Header) -> None:
        if not phrase.colours:
            raise refuse(f"{NUMBERS[phrase.count or 0]!r} without a colour or shape")
        if len(phrase.colours) > 1:
            self._mix(phrase, header)
        elif phrase.count is None and header.parts == 0:
            self._colour(phrase, header)
        else:
            shape = self.wish.groups[header.index].kind.shape
            self._split(header, Group(ObjectKind(phrase.colours[0], shape), phrase.count or 1))

    def _colour(self, phrase: Phrase, header: Header) -> None:
        """ "three hearts, red"; "two hearts and a star, all of them red"."""
        drawn = [i for i, group in enumerate(self.wish.groups) if group.count]
        coloured = [i for i in drawn if self.wish.groups[i].kind.colour]
        if phrase.whole and coloured:
            raise refuse(f"all of them {phrase.colours[0]}, and some in a colour of their own")
        for index in drawn if phrase.whole else [header.index]:
            group = self.wish.groups[index]
            kind = ObjectKind(phrase.colours[0], group.kind.shape)
            self.wish.groups[index] = Group(kind, group.count, group.exact)

    def _mix(self, phrase: Phrase, header: Header) -> None:
        """ "circles (red and blue)": some of each."""
        if header.said or phrase.count:
            raise refuse("several colours for one number: say how many of each colour")
        shape = self.wish.groups[header.index].kind.shape
        for colour in phrase.colours:
            self._split(header, Group(ObjectKind(colour, shape), 1, exact=False))

    def _portion(self) -> None:
        """ "two on the left" of four that were named before."""
        count, self._phrase = self._phrase.count, Phrase()
        assert count is not None and self._last is not None
        whole = self.wish.groups[self._last]
        if count > whole.count:
            raise refuse(f"{NUMBERS[count]!r} without a shape")
        if self._header is None or not self._header.parts:
            self._header = Header(self._last, whole.count if whole.exact else 0)
        self._split(self._header, Group(whole.kind, count))

    def _split(self, header: Header, part: Group) -> None:
        """ "circles: one red, two blue": the first part takes the header's place."""
        if header.parts == 0:
            self.wish.groups[header.index] = part
            self._last = header.index
        else:
            self.wish.groups.append(part)
            self._last = len(self.wish.groups) - 1
        self._clause_has_noun = True
        header.parts += 1
        header.named += part.count

    def _check_header(self) -> None:
        header = self._header
        if header and header.parts and header.said not in (0, header.named):
            raise refuse(
                f"{NUMBERS[header.said]} objects of which {NUMBERS[header.named]} are described"
            )


def goes_on(rest: list[Token]) -> bool:
    """Whether a colour is followed by what it colours or by another one: "red and blue", "red star"."""
    sorts = [token.sort for token in rest[:3]] + [""] * 3
    if sorts[0] in {"noun", "plural", "colour"}:
        return True
    return sorts[0] in {"and", "comma"} and sorts[1] == "colour" and sorts[2] not in {"noun", "plural"}


def fits(have: ObjectKind, wanted: ObjectKind) -> bool:
    """Whether "the WANTED" can mean a group of kind ``have``."""
    colour = wanted.colour is None or wanted.colour == have.colour
    return colour and (wanted.shape is None or wanted.shape == have.shape)
