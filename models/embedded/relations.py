"""Reads how things stand to each other: "above it", "and under them a star", "between two trees"."""

from __future__ import annotations

from itertools import takewhile

from .ahead import ENDS, STANDING, THINGS, begins_clause, noun_in
from .arrangement import flank
from .headers import Phrase
from .members import rank_of
from .ones import OnesReader
from .wish import Relation
from .words import NOUNS, Token, refuse

BESIDE = {"on the left": "left of", "on the right": "right of"}
"""What a place says of something that is "with" something else."""
SIDES = frozenset({"on both sides of", "on each side of"})
SEVERAL_BESIDE = "several things on the sides of one (say which is left of it and which is right)"
NAMING = frozenset({"count", "colour", "size", *THINGS})
"""Sorts of tokens that a thing is named with, for the first time."""
POINTERS = frozenset({"it", "them", "that"})
SIDE_OF = {name: place for place, name in BESIDE.items()}


class RelationReader(OnesReader):
    """Reads relations, and the words that point at what they are to."""

    def __init__(self) -> None:
        super().__init__()
        self._relation: tuple[int | None, str] | None = None
        self._relation_objects: list[int] = []
        self._topic: int | None = None
        self._topic_at = 0
        """How many groups there were when it became the topic."""
        self._joint: list[int] = []
        """What else stands so, with the subject."""
        self._around: set[int] = set()
        self._beside: list[int] = []
        """What was listed right before the relation."""
        self._front: tuple[str, tuple[int, ...]] | None = None
        """The place, or the relation and what it is to, that a clause began with."""

    def _end_line(self) -> None:
        """A row that was being listed is complete."""
        raise NotImplementedError

    def _relates(self) -> bool:
        return self._relation is not None

    def _may_mean(self, phrase: Phrase) -> bool:
        return super()._may_mean(phrase) or (self._relation is not None and phrase.count is None)

    def _on_it(self, word: str, rest: list[Token]) -> None:
        self._point(one=True)

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
        them and a cloud above them"."""
        if self._relation is None:
            self._point(one=False)
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
        stands = any(owner == other for owner, _ in self.wish.places)
        stands = stands or any(other in (r.subject, *r.objects) for r in self.wish.relations)
        if self._is_new(rest) and not stands and name not in SIDES:
            raise refuse(f"a list before '{name}' (say where each stands)")

    def _on_relation(self, name: str, rest: list[Token]) -> None:
        self._refuse_denied()
        self._refuse_shared_subject(name, rest)
        whole = self._phrase.whole and not self._phrase.started
        together = self._of_the_sentence() if whole else self._together()
        if whole and not together:
            raise refuse("'all', with nothing named before")
        if rank_of(name):
            together = [index for index in together if not self._is_named(index, rest)]
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
        self._joint = together[:-1] if subject in together[-1:] and name not in SIDES else []
        self._beside, self._list = self._list, []

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
        if self._relation is not None and self._relation[0] is not None and not self._list_open:
            self._close_relation()

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
        objects = () if known is None else (known,)
        if name == "between" and self._objects_in([*objects]) < 2:
            return self._two_others(subject)
        return objects

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
