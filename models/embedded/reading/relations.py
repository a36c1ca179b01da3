"""Reads how things stand to each other: "above it", "and under them a star", "between two trees"."""

from __future__ import annotations

from itertools import takewhile

from ..members import rank_of
from ..wish import Relation
from .ahead import ENDS, STANDING, THINGS, begins_clause, noun_in
from .arrangement import flank
from .headers import Phrase
from .pointers import PointerReader
from .words import NOUNS, Token, refuse

BESIDE = {"on the left": "left of", "on the right": "right of"}
"""What a place says of something that is "with" something else."""
SIDES = frozenset({"on both sides of", "on each side of"})
SEVERAL_BESIDE = "several things on the sides of one (say which is left of it and which is right)"
NAMING = frozenset({"count", "colour", "size", *THINGS})
"""Sorts of tokens that a thing is named with, for the first time."""
POINTERS = frozenset({"it", "them", "that"})
SIDE_OF = {name: place for place, name in BESIDE.items()}


class RelationReader(PointerReader):
    """Reads relations."""

    def __init__(self) -> None:
        super().__init__()
        self._joint: list[int] = []
        """What else stands so, with the subject."""
        self._before_comma: list[int] = []
        """What was named before a comma that the relation comes after: "the word TEA, above a cup"."""
        self._beside: list[int] = []
        """What was listed right before the relation."""
        self._front: tuple[str, tuple[int, ...]] | None = None
        """The place, or the relation and what it is to, that a clause began with."""

    def _refuse_shared_subject(self, name: str, rest: list[Token]) -> None:
        """ "a cat and a bird above a dog": is the cat above the dog, too?

        Raises:
            NotInWorldError: it may be.
        """
        if not self._follows_and or self._previous not in THINGS or len(self._list) < 2:
            return
        if len(self._together()) > 1:
            return
        other = self._list[-2]
        if other in self._closed and not any(other in line.groups for line in self.wish.lines):
            return
        stands = any(owner == other for owner, _ in self.wish.places)
        stands = stands or any(other in (r.subject, *r.objects) for r in self.wish.relations)
        if self._is_new(rest) and not stands and name not in SIDES:
            raise refuse(f"a list before '{name}' (say where each stands)")

    def _on_relation(self, name: str, rest: list[Token]) -> None:
        self._refuse_denied()
        self._refuse_shared_subject(name, rest)
        if self._is_new(rest):
            self._refuse_ones_at(name)
        whole = self._phrase.whole and not self._phrase.started
        together = self._of_the_sentence() if whole else self._together()
        if whole and not together:
            raise refuse("'all', with nothing named before")
        if rank_of(name):
            together = [index for index in together if not self._is_named(index, rest)]
        self._refuse_list_before_comma(name, rest)
        self._loose_colours()
        self._close_relation()
        self._end_line()
        new = self._is_new(rest) or (len(together) == 2 and self._is_about_with(rest))
        if not whole and self._listed_before() and not new:
            together = together[-1:]
        subject = together[-1] if whole else self._subject_of(rest)
        if subject is None and (not rest or rest[0].sort in {"comma", "colon"}):
            raise refuse(f"'{name}', without saying of what (say '{name}' and what)")
        self._relation = (subject, name)
        goes_on = self._previous == "comma" and self._stop == ","
        related = any(self._last in relation.objects for relation in self.wish.relations[-1:])
        placed = related or any(map(self._is_placed, together))
        self._before_comma = together if goes_on and not whole and not placed else []
        self._joint = together[:-1] if subject in together[-1:] and name not in SIDES else []
        self._beside, self._list = self._list, []

    def _refuse_list_before_comma(self, name: str, rest: list[Token]) -> None:
        """ "a cat and a dog, above a house": is the cat above it, too?"""
        listed = len(self._list) > 1 and self._list[-1] == self._last
        alone = (
            self._previous == "comma" and rest and rest[0].sort in NAMING and not begins_clause(rest)
        )
        if alone and listed and len(self._together()) < 2:
            raise refuse(f"a list before a comma and '{name}' (say where each stands)")

    def _is_about_with(self, rest: list[Token]) -> bool:
        """ "a house with a sun and a moon above it": both are, as it can mean the house alone."""
        it = bool(rest) and rest[0].sort == "it"
        return it and self._with is not None and self._with == self._topic

    def _is_new(self, rest: list[Token]) -> bool:
        """Whether what comes next is named for the first time, as far as its first word shows."""
        first = rest[0].sort if rest else ""
        return first in NAMING or (first == "the" and (len(self._drawn()) > 2 or self._is_first(rest)))

    def _is_first(self, rest: list[Token]) -> bool:
        """ "a star and a moon over the tree": whether "the" names what was not named before."""
        return bool(noun_in(rest)) and not any(self._is_named(index, rest) for index in self._drawn())

    def _is_named(self, index: int, rest: list[Token]) -> bool:
        """Whether the thing that comes next has the name of a group."""
        return self.wish.groups[index].kind.name == noun_in(rest)

    def _subject_of(self, rest: list[Token]) -> int | None:
        """What a relation is about: the noun before it; after "and" the subject of the relation
        before; None, so the noun after it, when a clause begins with it ("and under it a star")."""
        goes_on = self._previous in {"and", "comma"}
        if self._previous == "comma" and len(self._together()) > 1 and not begins_clause(rest):
            return self._last
        if goes_on and self._is_last(rest):
            return None
        back = bool(rest) and rest[0].sort in POINTERS
        if not self._clause_has_noun or (back and (goes_on or len(self.wish.groups) == 1)):
            return None
        if goes_on and self.wish.relations:
            return self.wish.relations[-1].subject
        return self._last

    def _is_last(self, rest: list[Token]) -> bool:
        """ "a house and over the house the moon": what comes after the relation was named last."""
        named = next((t for t in rest if t.sort not in {"the", "colour", "size"}), None)
        if self._last is None or not rest or rest[0].sort not in {"the", "noun"} or named is None:
            return False
        return NOUNS.get(named.value, named.value) == self.wish.groups[self._last].kind.name

    def _has_objects(self) -> bool:
        """Whether a relation whose subject comes after its objects has all of these."""
        assert self._relation is not None
        named = sum(self.wish.groups[index].count for index in self._relation_objects)
        return named >= (2 if self._relation[1] == "between" else 1)

    def _object(self, index: int) -> None:
        assert self._relation is not None
        self._relation_objects.append(index)
        subject, name = self._relation
        if index < len(self.wish.groups) - 1 and self._previous != "relation":
            self._topic, self._topic_at = index, len(self.wish.groups)
        group = self.wish.groups[index]
        enough = name != "between" or group.count > 1 or len(self._relation_objects) == 2
        enough = enough and not self._elided
        if subject is not None and enough:
            self._close_relation()
            self._last, self._clause_has_noun = index, True

    def _close_relation_unless_list(self, rest: list[Token]) -> None:
        if self._relation is None or self._list_open:
            return
        if self._relation[0] is not None or self._is_about_what_came_before():
            self._close_relation()

    def _is_about_what_came_before(self) -> bool:
        """ "the word TEA, above a cup, and a tree": the word is above the cup."""
        return len(self._before_comma) == 1 and self._before_comma[0] not in self._relation_objects

    def _close_relation(self) -> None:
        """Enters the relation; one with nothing after it ("and a star below") is about what was named
        before its subject."""
        if self._relation is None:
            return
        subject, name = self._relation
        objects = tuple(dict.fromkeys(self._relation_objects))
        self._relation, self._relation_objects = None, []
        if subject is not None and not objects:
            if self._known(subject) is None and name in SIDE_OF:
                self.wish.places.append((subject, SIDE_OF[name]))
                return
            objects = self._objects_before(subject, name)
        if subject is None and objects and self._is_about_what_came_before():
            subject, self._joint = self._before_comma[0], []
        if subject is None or not objects or subject in objects:
            raise refuse(f"'{name}', without saying what stands {name} what")
        self._refuse_half_between(name, objects)
        if name in SIDES:
            self._refuse_several(subject, objects, each=name == "on each side of")
            flank(self.wish, subject, objects[0], "row")
            return
        parts = [objects] if name == "between" else [(index,) for index in objects]
        joint, self._joint = self._joint, []
        subjects = [subject] if {*joint} & {*objects} else [*joint, subject]
        self.wish.relations += [Relation(one, name, part) for one in subjects for part in parts]

    def _objects_before(self, subject: int, name: str) -> tuple[int, ...]:
        """What a relation without a thing after it is to.

        Raises:
            NotInWorldError: things of earlier sentences, several of them: "A cat. A dog. A star above."
        """
        known = self._known(subject)
        if known is not None and known < self._starts[-1] and len({*self._drawn()} - {subject}) > 1:
            raise refuse(f"'{name}', without saying of what (say '{name}' and what)")
        self._refuse_one_listed(subject, known, name)
        objects = () if known is None else (known,)
        if name == "between" and self._objects_in([*objects]) < 2:
            return self._two_others(subject)
        return objects

    def _refuse_one_listed(self, subject: int, known: int | None, name: str) -> None:
        """ "a cat and a dog with a sun above": above both? "a house with a sun and a cloud above": is
        the sun?

        Raises:
            NotInWorldError: it may be.
        """
        here = [i for i in self._drawn() if i >= self._starts[-1]]
        if subject not in here or known not in here:
            return
        if any(not self._is_placed(i) for i in here if i not in (subject, known)):
            raise refuse(f"several things and '{name}' (say '{name}' and what)")

    def _refuse_half_between(self, name: str, objects: tuple[int, ...]) -> None:
        if name == "between" and (self._objects_in([*objects]) < 2 or len(objects) > 2):
            several = "several things" if len(objects) > 2 else "one thing"
            raise refuse(f"'between' {several} (say between what and what)")

    def _refuse_third_between(self, rest: list[Token]) -> None:
        """ "a star between two hearts and a moon": is it between those two, or those and the moon?"""
        last = self.wish.relations[-1] if self.wish.relations else None
        if last is None or last.name != "between" or last.objects != (self._last,):
            return
        ahead = [token.sort for token in takewhile(lambda token: token.sort not in ENDS, rest)]
        if ahead[:1] and ahead[0] in NAMING and not STANDING.intersection(ahead):
            raise refuse("'between' two things and another (say between what and what)")

    def _refuse_several(self, subject: int, objects: tuple[int, ...], *, each: bool) -> None:
        kind = self.wish.groups[subject].kind
        others = [i for i in self._beside if i not in objects and self.wish.groups[i].kind != kind]
        if others or (each and self.wish.groups[subject].count > 1):
            raise refuse(SEVERAL_BESIDE)

    def _two_others(self, subject: int) -> tuple[int, ...]:
        """ "a car at the top, a boat at the bottom and a plane in between"."""
        drawn = [i for i, group in enumerate(self.wish.groups) if group.count and i != subject]
        return tuple(drawn) if sum(self.wish.groups[i].count for i in drawn) == 2 else ()

    def _on_sign(self, word: str, rest: list[Token]) -> None:
        """ "the sign", where there is one."""
        signs = [i for i, group in enumerate(self.wish.groups) if group.kind.is_word]
        if not self._phrase.definite or len(signs) != 1:
            raise refuse("a sign without a word (say 'a sign that says' and up to four letters)")
        self._phrase = Phrase()
        self._use(signs[0])
