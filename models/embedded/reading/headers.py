"""Reads what is said of objects named before: "circles: one red, two blue", "all of them red"."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..wish import Group, ObjectKind, Wish
from ..world import NUMBERS
from .arrangement import share
from .words import refuse


@dataclass
class Phrase:
    """The noun phrase being read: what came before its noun."""

    count: int | None = None
    """0 after "no"."""
    colours: list[str] = field(default_factory=list)
    size: str | None = None
    definite: bool = False
    least: bool = False
    """Whether "at least" came before it."""
    whole: bool = False
    """Whether "all", "every" or "each" came before it."""
    after: str = ""
    """The sort of token before it."""

    @property
    def started(self) -> bool:
        """Whether a count, a colour or a size has been read, so that it wants a noun."""
        return self.count is not None or bool(self.colours or self.size)


@dataclass
class Header:
    """A group named before its parts: the circles of "circles: one red, two blue"."""

    index: int
    said: int
    """The number it was named with, 0: none."""
    parts: int = 0
    members: list[int] = field(default_factory=list)
    """The groups that are its parts."""
    named: int = 0
    """How many objects its parts have together."""
    pointed: bool = False
    """Whether "the" singled it out: "the circle is red"."""
    kind: ObjectKind | None = None
    """What the whole was, once it was split."""
    joined: bool = False
    """Whether its first part came after "and"."""
    said_of: tuple[int, int] = (0, 0)
    """How many relations and places the wish had before it was split: those hold for every part."""


class HeaderReader:
    """The wish so far, and the group that numbers and colours without a noun are about."""

    def __init__(self) -> None:
        self.wish = Wish()
        self._phrase = Phrase()
        self._header: Header | None = None
        self._last: int | None = None
        self._clause_has_noun = False
        self._previous = ""
        """The sort of the token before."""
        self._follows_and = False
        """Whether the last thing came after "and"."""
        self._list: list[int] = []
        """What was listed right before."""
        self._with: int | None = None
        """What the things are with that come now."""
        self._elided = False
        """Whether the noun being read was left out of its list."""
        self._list_open: list[int] = []
        self._shared: tuple[int, ...] = ()
        """The groups that share one noun: "a red, a blue and a green cat"."""
        self._starts = [0]
        """How many groups there were when each sentence began."""

    def _drawn(self) -> list[int]:
        """The groups that are to be seen."""
        return [index for index, group in enumerate(self.wish.groups) if group.count]

    def _objects_in(self, groups: list[int]) -> int:
        return sum(self.wish.groups[index].count for index in groups)

    def _of_the_sentence(self) -> list[int]:
        """What "all" is about: what its sentence names, where that is several things, else all."""
        here = {index for index in self._drawn() if index >= self._starts[-1]}
        if self._header and here.intersection(self._header.members):
            here.update(self._header.members)
        if self._objects_in([*here]) > 1:
            return sorted(here)
        ends = [end for end in self._starts if end < len(self.wish.groups)]
        last = [index for index in self._drawn() if index >= ends[-1]]
        if not here and self._objects_in(last) > 1 and len(last) < len(self._drawn()):
            raise refuse("'all' or 'none', after several sentences (say of which)")
        return self._drawn()

    def _is_mixed(self) -> bool:
        """Whether things of several names are to be seen."""
        return len({self.wish.groups[index].kind.name for index in self._drawn()}) > 1

    def _share_noun(self, groups: list[int]) -> None:
        """Notes the groups of a noun, and those of a list that left it out."""
        self._list_open += groups
        if not self._elided:
            self._shared, self._list_open = tuple(self._list_open), []

    def _is_placed(self, index: int) -> bool:
        """Whether it was said where a group stands."""
        related = any(index in (r.subject, *r.objects) for r in self.wish.relations)
        return related or any(owner == index for owner, _ in self.wish.places)

    def _half(self) -> int:
        said = self._header.said if self._header else 0
        if said == 0 or said % 2:
            raise refuse("'half', of what cannot be halved")
        return said // 2

    def _rest(self) -> int:
        """Of those that were said to be there, the ones that nothing was said of yet."""
        left = self._header.said - self._header.named if self._header else 0
        if left < 1 or not (self._header and self._header.parts):
            raise refuse("'the rest', of what was not counted before")
        return left

    def _about_header(self, phrase: Phrase, header: Header) -> None:
        header.joined = header.joined or (not header.parts and phrase.after == "and")
        if phrase.whole and phrase.count is None and len(phrase.colours) < 2:
            self._of_all(phrase)
        elif phrase.count == header.said == 1 and not header.parts and self._is_mixed():
            raise refuse("'one', of several things (say which)")
        elif phrase.size:
            self._sized(phrase, header)
        elif not phrase.colours:
            self._number(phrase, header)
        elif len(phrase.colours) > 1:
            self._mix(phrase, header)
        elif phrase.count is None and header.parts == 0:
            self._colour(phrase, header)
        else:
            kind = replace(self._whole(header), colour=phrase.colours[0])
            self._split(header, Group(kind, phrase.count or 1))

    def _sized(self, phrase: Phrase, header: Header) -> None:
        """ "two cats, one small and one big"; "the cat is small"."""
        if len(phrase.colours) > 1:
            raise refuse("several colours for one number: say how many of each colour")
        whole = self.wish.groups[header.index]
        if header.parts == 0 and whole.kind.size not in (None, phrase.size):
            raise refuse(f"{whole.kind.words(whole.count)} that should be {phrase.size} too")
        if phrase.count is None and not self._is_meant(header) and not phrase.colours:
            self._refuse_several_open(phrase.size, "size")
        kind = replace(self._whole(header), size=phrase.size)
        if phrase.colours:
            kind = replace(kind, colour=phrase.colours[0])
        if phrase.count is None and header.parts == 0:
            self.wish.groups[header.index] = Group(kind, whole.count, whole.exact)
        else:
            self._split(header, Group(kind, phrase.count or 1))

    def _number(self, phrase: Phrase, header: Header) -> None:
        """ "circles: 2"."""
        group = self.wish.groups[header.index]
        if header.said or header.parts or not phrase.count:
            raise refuse(f"{NUMBERS[phrase.count or 0]!r} without a colour or a thing")
        self.wish.groups[header.index] = Group(group.kind, phrase.count, exact=not phrase.least)
        header.said = phrase.count

    def _of_all(self, phrase: Phrase) -> None:
        """ "two hearts and a star, all of them red"; "a cat and a dog, both small"."""
        for index in self._of_the_sentence():
            group = self.wish.groups[index]
            colour = phrase.colours[0] if phrase.colours else group.kind.colour
            size = phrase.size or group.kind.size
            if group.kind.colour not in (None, colour):
                raise refuse(f"all of them {colour}, and some in a colour of their own")
            if group.kind.size not in (None, size):
                raise refuse(f"all of them {size}, and some in a size of their own")
            kind = replace(group.kind, colour=colour, size=size)
            self.wish.groups[index] = Group(kind, group.count, group.exact)

    def _colour(self, phrase: Phrase, header: Header) -> None:
        """ "three hearts, red"."""
        group = self.wish.groups[header.index]
        if not self._is_meant(header):
            self._refuse_several_open(phrase.colours[0], "colour")
        if group.kind.colour not in (None, phrase.colours[0]):
            raise refuse(f"{group.kind.words(group.count)} that should be {phrase.colours[0]} too")
        kind = replace(group.kind, colour=phrase.colours[0])
        self.wish.groups[header.index] = Group(kind, group.count, group.exact)

    def _is_meant(self, header: Header) -> bool:
        """Whether the header was pointed at, and nothing named since."""
        return header.pointed and self._last in (header.index, *header.members)

    def _refuse_several_open(self, word: str | None, what: str) -> None:
        """ "a cat and a dog, red": which of them?"""
        looks = [getattr(group.kind, what) for group in self.wish.groups if group.count]
        apart = self._header is not None and self._header.index != self._last
        if looks.count(None) > (0 if apart and word in looks else 1):
            raise refuse(f"{word!r} after several things (say the {what} of each)")

    def _whole(self, header: Header) -> ObjectKind:
        """What was named before its parts."""
        return header.kind or self.wish.groups[header.index].kind

    def _mix(self, phrase: Phrase, header: Header) -> None:
        """ "circles (red and blue)": some of each; "two circles: red and blue"."""
        if phrase.whole:
            raise refuse("several colours of each (I know things of one colour)")
        one_each = header.said == len(phrase.colours)
        if (header.said and not one_each) or phrase.count:
            raise refuse("several colours for one number: say how many of each colour")
        whole = self._whole(header)
        for colour in phrase.colours:
            self._split(header, Group(replace(whole, colour=colour), 1, exact=one_each))

    def _portion(self) -> None:
        """ "two on the left" of four that were named before."""
        count, self._phrase = self._phrase.count, Phrase()
        assert count is not None and self._last is not None
        whole = self.wish.groups[self._last]
        if count > whole.count:
            raise refuse(f"{NUMBERS[count]!r} without a thing")
        if self._header is None or not self._header.parts:
            self._header = Header(self._last, whole.count if whole.exact else 0)
        self._split(self._header, Group(whole.kind, count))

    def _split(self, header: Header, part: Group) -> None:
        """ "circles: one red, two blue": the first part takes the header's place."""
        header.kind = self._whole(header)
        if header.kind.colour not in (None, part.kind.colour):
            raise refuse(f"{header.kind.words(2)} that should be {part.kind.colour} too")
        if header.parts == 0:
            self.wish.groups[header.index] = part
            self._last = header.index
            header.said_of = (len(self.wish.relations), len(self.wish.places))
        else:
            self.wish.groups.append(part)
            self._last = len(self.wish.groups) - 1
            share(self.wish, header.index, self._last, *header.said_of)
        self._clause_has_noun = True
        header.members.append(self._last)
        header.parts += 1
        header.named += part.count

    def _leave_rest(self, header: Header) -> None:
        """ "five hearts, two of them pink": three more hearts, none of them like those."""
        before = self._last, self._clause_has_noun
        self._split(header, Group(self._whole(header), header.said - header.named))
        self._last, self._clause_has_noun = before

    def _check_header(self) -> None:
        header = self._header
        if header and header.parts and header.said > header.named and not header.joined:
            self._leave_rest(header)
        elif header and header.parts and header.said not in (0, header.named):
            raise refuse(
                f"{NUMBERS[header.said]} objects of which {NUMBERS[header.named]} are described"
            )
        if header and header.parts and not header.said and header.named == 1:
            raise refuse("one of several, of which no more is said (say how many there are)")
        kinds = [self.wish.groups[index].kind for index in header.members] if header else []
        if any(a.size and not a.colour and b.colour and not b.size for a in kinds for b in kinds):
            raise refuse("some by their size and others by their colour (say both of each)")
