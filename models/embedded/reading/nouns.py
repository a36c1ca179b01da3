"""Reads noun phrases: numbers, sizes, colours and things, also where a list leaves the thing out."""

from __future__ import annotations

from dataclasses import replace

from ..questions import includes
from ..wish import Group, ObjectKind
from ..world import NUMBERS
from .ahead import ENDS, THINGS, ends_in_and, goes_on, is_one
from .headers import Header, HeaderReader, Phrase
from .words import COUNTS, NOUNS, PLURALS, Token, refuse


class NounReader(HeaderReader):
    """Builds a wish's groups from tokens, left to right; what else is said of them its heirs read."""

    def __init__(self) -> None:
        super().__init__()
        self._vague: set[int] = set()
        self._stop = ""
        """The last comma or stop."""
        self._counted = False
        """Whether the last thing came with a number or an article."""
        self._denying = False

    def _use(self, index: int) -> None:
        """What the sentence wants with a group that was just named."""
        raise NotImplementedError

    def _on_ones(self, word: str, rest: list[Token]) -> None:
        """ "one" or "ones" instead of a thing."""
        raise NotImplementedError

    def _relates(self) -> bool:
        """Whether a relation waits for what comes next."""
        raise NotImplementedError

    def _may_mean(self, phrase: Phrase) -> bool:
        """Whether a noun phrase may mean a group named earlier."""
        return phrase.definite or phrase.whole

    def _on_count(self, word: str, rest: list[Token]) -> None:
        if word == "one" and self._previous in {"colour", "size"}:
            self._on_ones(word, rest)
            return
        if word == "both" and (self._two_named() or is_one(rest)):
            self._on_both(rest)
            return
        bare = not self._phrase.started
        least, definite = bare and self._phrase.least, bare and self._phrase.definite
        self._loose_colours()
        if word in {"a", "an"} and rest and rest[0].value in {"pair", "couple", "single", "trio"}:
            return
        count = COUNTS[word] if word in COUNTS else self._half() if word == "half" else self._rest()
        self._phrase = Phrase(count, definite=definite, least=least, after=self._previous)
        self._denying = False

    def _on_both(self, rest: list[Token]) -> None:
        """ "a cat and a dog, both red"; "both a cat and a dog" says nothing more."""
        if self._two_named():
            self._on_all("both", rest)

    def _two_named(self) -> bool:
        """Whether two single objects have been named, so that "both" is about them."""
        return [group.count for group in self.wish.groups] == [1, 1]

    def _on_least(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.least = True

    def _on_no(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.count = 0
        self._denying = True

    def _on_none(self, word: str, rest: list[Token]) -> None:
        """ "none of them red": of all that was named."""
        self._on_no(word, rest)
        self._phrase.whole = True

    def _on_or(self, word: str, rest: list[Token]) -> None:
        if not self._denying:
            raise refuse("'or' (say which)")
        self._on_no(word, rest)

    def _on_colour(self, word: str, rest: list[Token]) -> None:
        if self._previous == "colour" and word not in self._phrase.colours:
            raise refuse(f"{word!r} right after another colour (say 'and', and how many of each)")
        if self._previous != "colour":
            self._phrase.colours.append(word)
        if self._previous == "in" and self._last is not None and not goes_on(rest):
            self._loose_colours()

    def _on_size(self, word: str, rest: list[Token]) -> None:
        if self._phrase.size not in (None, word):
            raise refuse("'small' and 'big' of one thing (say how many of each)")
        self._phrase.size = word

    def _on_noun(self, word: str, rest: list[Token]) -> None:
        if self._is_said_again(word, rest):
            self._phrase.definite = True
        self._named(word, word, 1, rest)

    def _is_said_again(self, word: str, rest: list[Token]) -> bool:
        """ "one red cup, one big apple, cup left of apple": a bare noun, and where it is."""
        bare = not self._phrase.started and self._previous in {"comma", "colon", "and", "relation"}
        kind = ObjectKind(None, NOUNS.get(word, word))
        named = [i for i, group in enumerate(self.wish.groups) if includes(kind, group.kind)]
        if not bare or not named or not rest:
            return False
        placed = any(owner == named[-1] for owner, _ in self.wish.places)
        return rest[0].sort == "relation" or (rest[0].sort == "place" and not placed)

    def _on_plural(self, word: str, rest: list[Token]) -> None:
        self._named(word, PLURALS.get(word, word), 2, rest)

    def _named(self, word: str, noun: str, implied: int, rest: list[Token]) -> None:
        name = NOUNS.get(noun, noun)
        if self._previous in {"noun", "plural"} and not self._phrase.started:
            before = self._last if self._last is not None else -1
            said = self.wish.groups[before] if self.wish.groups else None
            if said and said.kind.name == name and (said.count == 1 or implied > 1):
                return
            raise refuse(f"{word!r} right after another thing (say 'and' between them)")
        self._refuse_shared_denial(word)
        self._refuse_shared_colour(word, rest)
        self._noun(name, implied)

    def _refuse_denied(self) -> None:
        """ "no star in the middle" may want one elsewhere."""
        if self._denying and self._previous in {"noun", "plural"}:
            raise refuse("'no' with a place or relation (say what there is instead)")

    def _refuse_shared_denial(self, word: str) -> None:
        """ "no cats, dogs": are there to be dogs?"""
        phrase = self._phrase
        open_list = self._denying and self._previous == "comma" and self._stop == ","
        if open_list and phrase.count is None and not (phrase.definite or phrase.whole):
            raise refuse(f"{word!r} in a list after 'no' (say 'no' before each, or how many)")

    def _refuse_shared_colour(self, word: str, rest: list[Token]) -> None:
        """ "a red square and circle", "a red square, circle and star": is the circle red?"""
        if word.isupper():
            return
        listed = self._previous == "comma" and self._counted and ends_in_and(rest)
        bare = (self._previous == "and" or listed) and self._phrase == Phrase()
        last = self.wish.groups[self._last].kind if bare and self._last is not None else None
        if last and (last.colour or last.size):
            what = "colour" if last.colour else "size"
            raise refuse(f"{word!r} after a {what} that may be its own (say the {what} of each)")

    def _on_the(self, word: str, rest: list[Token]) -> None:
        whole = self._phrase.whole and not self._phrase.started
        self._loose_colours()
        self._phrase, self._shared = Phrase(definite=True, whole=whole, after=self._previous), ()

    def _on_all(self, word: str, rest: list[Token]) -> None:
        self._loose_colours()
        self._phrase.whole = True

    def _on_each(self, word: str, rest: list[Token]) -> None:
        ahead = rest[0].sort if rest else ""
        if self._previous == "of" and self._phrase.count:
            raise refuse("so many 'of each' (say how many objects, and of what)")
        if self._previous == "count":
            raise refuse("'each' after a number (say how many of every one)")
        if self._previous in THINGS and ahead in {"", "of", *ENDS}:
            raise refuse("'each' after a thing (say how many of it there are)")
        if self._previous in {"relation", "on", "in"} or ahead in {"relation", "with"}:
            raise refuse("'each' with a relation (say how many, and where each of them stands)")
        self._on_all(word, rest)

    _on_every = _on_each

    def _noun(self, name: str | None, implied: int) -> None:
        phrase, self._phrase = self._phrase, Phrase()
        self._counted = phrase.count is not None
        self._follows_and = "and" in (phrase.after, self._previous)
        colours: list[str | None] = [*phrase.colours] or [None]
        named = list[int]()
        for colour in colours:
            index = self._resolve(phrase, ObjectKind(colour, name, phrase.size), implied)
            if phrase.count != 0:
                self._use(index)
                named.append(index)
        self._share_noun(named)
        self._denying = phrase.count == 0

    def _resolve(self, phrase: Phrase, kind: ObjectKind, implied: int) -> int:
        """The group a noun phrase means: an earlier one after "the", else a new one."""
        earlier = self._earlier(phrase, kind) if self._may_mean(phrase) else None
        if earlier is not None:
            return earlier
        if phrase.definite and (described := self._described(phrase, kind)) is not None:
            return described
        if phrase.whole and phrase.count is None:
            raise refuse(f"'all' or 'each' of what was not named before (say how many {kind.words(2)})")
        if len(phrase.colours) > 1 and phrase.count is not None:
            raise refuse("several colours for one number: say how many of each colour")
        self._refuse_said_again(phrase, kind, implied)
        open_count = implied if len(phrase.colours) < 2 else 1
        count = open_count if phrase.count is None else phrase.count
        exact = (phrase.count is not None or implied == 1) and not phrase.least
        index = self._enter(Group(kind, count, exact))
        if phrase.definite and phrase.count is None:
            self._vague.add(index)
        if kind.colour is None and count:
            self._check_header()
            self._header = Header(index, count if exact else 0, pointed=phrase.definite)
        return index

    def _refuse_said_again(self, phrase: Phrase, kind: ObjectKind, implied: int) -> None:
        """ "a house and a tree. red house": is it that house?"""
        bare = phrase.count is None and implied == 1 and not self._elided and not kind.is_word
        before = [group for group in self.wish.groups if group.count and includes(group.kind, kind)]
        if bare and any(group.count > 1 or group.kind != kind for group in before):
            raise refuse(f"{kind.words(1)!r} after the same thing (say how many there are in all)")

    def _described(self, phrase: Phrase, kind: ObjectKind) -> int | None:
        """ "a dog and a cat; the red cat is ...": the one that is now said to be so; None: none is."""
        named = [
            i
            for i, group in enumerate(self.wish.groups)
            if group.count and group.kind.name == kind.name and includes(group.kind, kind)
        ]
        if not named or kind == ObjectKind(None, kind.name) or phrase.count is not None:
            return None
        group = self.wish.groups[named[-1]]
        if len(named) > 1 or group.count > 1:
            raise refuse(f"'the {kind.words(1)}', of several (say how many of each)")
        both = ObjectKind(kind.colour or group.kind.colour, kind.name, kind.size or group.kind.size)
        self.wish.groups[named[-1]] = replace(group, kind=both)
        self._header = Header(named[-1], group.count, pointed=True)
        return named[-1]

    def _earlier(self, phrase: Phrase, kind: ObjectKind) -> int | None:
        """The last group named that can be meant."""
        known = [i for i, group in enumerate(self.wish.groups) if includes(kind, group.kind)]
        if phrase.count is not None:
            known = [i for i in known if self.wish.groups[i].count == phrase.count]
        if known and phrase.definite and self.wish.groups[known[-1]].kind.colour is None:
            self._header = Header(known[-1], self.wish.groups[known[-1]].count, pointed=True)
        return known[-1] if known else None

    def _enter(self, group: Group) -> int:
        """A new group, unless it says more about one that was only referred to ("the square")."""
        for index in sorted(self._vague):
            if includes(self.wish.groups[index].kind, group.kind):
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
        elif phrase.definite and self._points_at(phrase):
            return
        elif header := self._header or self._sized_before(phrase):
            self._about_header(phrase, header)
        else:
            words = " ".join(phrase.colours) or phrase.size or NUMBERS[phrase.count or 0]
            raise refuse(f"{words!r} without a thing")

    def _points_at(self, phrase: Phrase) -> bool:
        """ "a red fish and a blue fish, the blue is on the left": whether there is such a
        group, which the rest then is about."""
        kind = ObjectKind(phrase.colours[0] if phrase.colours else None, None, phrase.size)
        earlier = self._earlier(phrase, kind) if kind != ObjectKind(None, None) else None
        if earlier is None or len(phrase.colours) > 1:
            return False
        if len({g.kind for g in self.wish.groups if g.count and includes(kind, g.kind)}) > 1:
            raise refuse(f"'the {phrase.size or phrase.colours[0]} one', of several (say which)")
        if self._relates():
            self._use(earlier)
        self._last, self._clause_has_noun = earlier, True
        return True

    def _sized_before(self, phrase: Phrase) -> Header | None:
        """What a size without a noun is about: "two red cats, one small and one big"."""
        if phrase.size is None or phrase.colours or self._last is None:
            return None
        group = self.wish.groups[self._last]
        self._header = Header(self._last, group.count if group.exact else 0)
        return self._header

    def _deny(self, phrase: Phrase) -> None:
        """ "none of them red"."""
        if self._last is None or not phrase.colours:
            raise refuse("'no', without saying of what there is none")
        if not phrase.whole:
            self._refuse_several_open(f"not {phrase.colours[0]}", "colour")
        for index in self._of_the_sentence() if phrase.whole else [self._last]:
            kind = self.wish.groups[index].kind
            self.wish.groups += [Group(replace(kind, colour=colour), 0) for colour in phrase.colours]
