"""What a prompt asks for, once read: groups of objects, relations between them, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .synonyms import spoken
from .world import CELLS, NUMBERS

CORNERS = tuple(
    f"in the {row} {column} corner" for row in ("top", "bottom") for column in ("left", "right")
)
MIDDLE = frozenset({"b2", "c2", "b3", "c3"})
PLACES: dict[str, frozenset[str]] = {
    "in the top left corner": frozenset({"a1"}),
    "in the top right corner": frozenset({"d1"}),
    "in the bottom left corner": frozenset({"a4"}),
    "in the bottom right corner": frozenset({"d4"}),
    "in a corner": frozenset({"a1", "d1", "a4", "d4"}),
    "in the middle": MIDDLE,
    "in the top middle": frozenset({"b1", "c1"}),
    "in the bottom middle": frozenset({"b4", "c4"}),
    "in the left middle": frozenset({"a2", "a3"}),
    "in the right middle": frozenset({"d2", "d3"}),
    "at the top": frozenset({"a1", "b1", "c1", "d1"}),
    "at the bottom": frozenset({"a4", "b4", "c4", "d4"}),
    "on the left": frozenset({"a1", "a2", "a3", "a4"}),
    "on the right": frozenset({"d1", "d2", "d3", "d4"}),
    "in the left half": frozenset(cell for cell in CELLS if cell[0] in "ab"),
    "in the right half": frozenset(cell for cell in CELLS if cell[0] in "cd"),
    "in the top half": frozenset(cell for cell in CELLS if cell[1] in "12"),
    "in the bottom half": frozenset(cell for cell in CELLS if cell[1] in "34"),
    **{f"at {cell}": frozenset({cell}) for cell in CELLS},
}


@dataclass(frozen=True)
class ObjectKind:
    """A kind of object; None stands for any colour, any thing or any size. What is in capitals is a
    word, one letter or several."""

    colour: str | None
    name: str | None
    size: str | None = None

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.name is not None and self.name.isupper()

    @property
    def span(self) -> int:
        """How many cells it takes, beside each other."""
        return len(self.name or "") if self.is_word else 1

    def words(self, count: int) -> str:
        """Its name for so many: "red circles", "small heart", "objects", 'word "CAT"'."""
        adjectives = [word for word in (self.size, self.colour) if word]
        return " ".join([*adjectives, self._noun(count)])

    def _noun(self, count: int) -> str:
        if not self.is_word:
            return spoken(self.name or "object", count)
        noun = "letter" if self.span == 1 else "word"
        return f'{spoken(noun, count)} "{self.name}"'


@dataclass
class Group:
    """So many objects of a kind; relations and places name a group by its position in the wish."""

    kind: ObjectKind
    count: int
    """0: there must be none."""
    exact: bool = True
    """False: at least so many."""

    def words(self) -> str:
        """As a requirement states it: "exactly two red circles", "no hearts"."""
        if self.count == 0:
            return f"no {self.kind.words(0)}"
        how = "exactly" if self.exact else "at least"
        return f"{how} {NUMBERS[self.count]} {self.kind.words(self.count)}"


@dataclass(frozen=True)
class Relation:
    """Every object of group ``subject`` stands so to those of ``objects``.

    ``between`` has one object group of two, or two groups; other relations have one. ``above its own``
    has an object for each subject, in the cell below it; ``above the middle of`` the one object that
    stands there among its group.
    """

    subject: int
    name: str
    objects: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """All objects of these groups stand beside each other, in one ``row``, one ``column`` or one ``grid
    of two rows``."""

    groups: tuple[int, ...]
    name: str


@dataclass
class Wish:
    """What a prompt asks for; whether it can be drawn is not said."""

    groups: list[Group] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    places: list[tuple[int, str]] = field(default_factory=list)
    """Group and name of a place."""
    lines: list[Line] = field(default_factory=list)
    ground: str | None = None
    """None: any."""

    @property
    def total(self) -> int:
        """How many objects and letters the picture has, at least where a group is not exact."""
        return sum(group.count * group.kind.span for group in self.groups)

    @property
    def has_words(self) -> bool:
        """Whether letters are among what is asked for."""
        return any(group.count and group.kind.is_word for group in self.groups)

    @property
    def exact(self) -> bool:
        """Whether the prompt fixes the number of all objects."""
        return all(group.exact for group in self.groups)


def stands_at(cells: Sequence[str], place: str) -> bool:
    """Whether what takes ``cells`` is at a place: a word where it reaches into it, or into a half with
    half of its letters."""
    inside = sum(cell in PLACES[place] for cell in cells)
    return 2 * inside >= len(cells) if place.endswith("half") else inside > 0


def area_of(wish: Wish, index: int) -> frozenset[str]:
    """The cells that a group may stand in."""
    area = frozenset(CELLS)
    for owner, place in wish.places:
        if owner == index:
            area &= PLACES[place]
    return area
