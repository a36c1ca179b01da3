"""Experiences: what a round of a run taught, and the protocol of a collection of them.

Kept in Chroma (``chroma.py``), or in memory for tests (``fakes.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol, runtime_checkable

from pydantic import TypeAdapter, ValidationError

from ..models.text import dense_in

WORD_LIMIT = 100
"""Words of an experience."""
CHARACTER_LIMIT = 900
"""Characters of an experience; a third of it in scripts that say a word in a character or two."""


@dataclass(frozen=True)
class Recipe:
    """What a picture that passed everything was drawn from, by a generator that is named beside it."""

    prompt: str
    """As it was drawn."""
    seed: int
    run_seed: int
    """The seed of its run, from which a run with the same one is known to ask for the same picture."""
    width: int | None = None
    """Pixels that the run asked for; None: the generator's own."""
    height: int | None = None

    @property
    def size(self) -> tuple[int | None, int | None]:
        """Width and height that the run asked for."""
        return self.width, self.height


@dataclass(frozen=True)
class Experience:
    """What one round of one run taught: the unit that a collection keeps."""

    text: str
    """The compressed experience, at most ``WORD_LIMIT`` words."""
    prompt: str
    """The user's own words; experiences are found by prompts similar to it."""
    thread: str
    round: int
    skill: str
    generator: str
    failed: tuple[str, ...]
    """Statements of the requirements that failed in this round."""
    action: str
    """What was done about it: rewrite or resample; "end" where the run ended with this round."""
    next_prompt: str
    """What the next round drew; where there was none, what this one drew."""
    gained: int
    """Requirements the next round passed more (or, negative, fewer) than this one."""
    kinds: tuple[str, ...] = ()
    """Kinds of the requirements that failed: count, position and so on."""
    strategy: str = ""
    """The refiner's name for what the next prompt did differently."""
    solved: bool = False
    """Whether every requirement passed in the next round; where there was none, in this one."""
    fixed: tuple[str, ...] = ()
    """The kind of each failed requirement that the next picture passes."""
    unfixed: tuple[str, ...] = ()
    """The kind of each failed requirement that the next picture fails again."""
    broken: tuple[str, ...] = ()
    """The kind of each requirement that passed before and fails in the next picture."""
    about_generator: str = ""
    """What the round taught about the generator, whatever is drawn; ``text`` is about this subject."""
    recipe: Recipe | None = None
    """How to draw the last picture of a run that passed everything, where words alone draw it."""

    @property
    def id(self) -> str:
        """The same round of the same thread is one experience."""
        return f"{self.thread}/{self.round}"


@dataclass(frozen=True)
class Recalled:
    """An experience that was found, and the cosine similarity of its prompt, -1..1."""

    experience: Experience
    similarity: float
    alike: bool
    """Whether that is enough for the two prompts to ask for about the same, by its embedder."""


class ExperienceStore(Protocol):
    """Keeps experiences and finds them by similar prompts; used by many runs at once, from any event
    loop."""

    async def add(self, experience: Experience) -> None:
        """Adds, or replaces the one with the same id.

        Raises:
            StorageError: the collection cannot be written.
        """
        ...

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """The experiences with ``generator`` whose prompts are most similar, best first.

        Raises:
            StorageError: the collection cannot be read.
        """
        ...

    async def aclose(self) -> None:
        """Lets go of files and connections once what was asked for is done. Usable again after it."""
        ...


@runtime_checkable
class Listable(Protocol):
    """A collection that can be looked through."""

    async def latest(self, limit: int) -> list[Experience]:
        """The experiences that were added last, the latest first.

        Raises:
            StorageError: the collection cannot be read.
        """
        ...


def limit_words(text: str, words: int = WORD_LIMIT, characters: int = CHARACTER_LIMIT) -> str:
    """``text`` on one line, cut after so many words or characters; the latter bind scripts that are
    written without spaces."""
    kept = text.split()
    line = " ".join(kept[:words])
    if 2 * dense_in(line) > len(line):
        characters //= 3
    if len(kept) <= words and len(line) <= characters:
        return line
    return line[:characters].rstrip() + " ..."


@cache
def _adapter() -> TypeAdapter[Experience]:
    return TypeAdapter(Experience)


def read_experience(fields: object) -> Experience | None:
    """The experience that another version of GEMS may have kept as ``fields``, a mapping.

    What this version does not know is ignored, and what an older one did not keep has its default.
    None: ``fields`` is no mapping, or lacks what has no default.
    """
    known = {"failed": (), **fields} if isinstance(fields, Mapping) else fields
    try:
        return _adapter().validate_python(known)
    except ValidationError:
        return None
