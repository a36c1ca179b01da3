"""What nodes work with: models, stores and skills, handed in as protocols and opened when needed."""

from __future__ import annotations

import threading
from functools import cached_property

from ..memory.chroma import open_experiences
from ..memory.experiences import ExperienceStore
from ..memory.images import ImageStore
from ..models.chat.mllm import MLLM
from ..models.pictures.generator import Generator
from ..models.registry import Backends
from ..settings import Settings, load_settings
from ..skills.catalogue import Catalogue
from .context import RunContext


class Stops:
    """The runs of this process that somebody asked to stop."""

    def __init__(self) -> None:
        self._threads: set[str] = set()
        self._lock = threading.Lock()

    def request(self, thread_id: str) -> None:
        """Asks the run of ``thread_id`` to stop at the next possible moment."""
        with self._lock:
            self._threads.add(thread_id)

    def clear(self, thread_id: str | None) -> None:
        """Forgets a request."""
        with self._lock:
            self._threads.discard(thread_id or "")

    def requested(self, thread_id: str | None) -> bool:
        """Whether the run of ``thread_id`` should stop."""
        return thread_id in self._threads


class Dependencies:
    """Opens each tool on first use, so that building a graph touches neither disk nor network.

    Whatever is given is used as it is; the rest follows the settings.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        mllm: MLLM | None = None,
        generator: Generator | None = None,
        images: ImageStore | None = None,
        experiences: ExperienceStore | None = None,
        skills: Catalogue | None = None,
    ) -> None:
        self._settings = settings
        self._mllm = mllm
        self._generator = generator
        self._images = images
        self._experiences = experiences
        self._skills = skills
        self._prepared: set[tuple[str | None, str | None]] = set()
        self.stops = Stops()

    def prepared(self, context: RunContext) -> bool:
        """Whether everything a run with ``context`` needs is open."""
        return (context.mllm, context.generator) in self._prepared

    def prepare(self, context: RunContext) -> None:
        """Opens everything a run with ``context`` needs.

        Raises:
            InputError: a model or setting that does not exist.
        """
        self.mllm(context)
        self.generator(context)
        for name in ("images", "experiences", "skills"):
            getattr(self, name)
        self._prepared.add((context.mllm, context.generator))

    @cached_property
    def settings(self) -> Settings:
        """The settings given, else those of the environment."""
        return self._settings or load_settings()

    @cached_property
    def backends(self) -> Backends:
        """Models by spec."""
        return Backends(self.settings)

    @cached_property
    def images(self) -> ImageStore:
        """Where pictures are kept."""
        return self._images or ImageStore(self.settings.root / "images")

    @cached_property
    def experiences(self) -> ExperienceStore:
        """The collection of experiences."""
        return self._experiences or open_experiences(self.settings)

    @cached_property
    def skills(self) -> Catalogue:
        """The skills on offer."""
        return self._skills or Catalogue.from_settings(self.settings)

    def mllm(self, context: RunContext) -> MLLM:
        """The MLLM of a run."""
        return self._mllm or self.backends.mllm(context.mllm or self.settings.mllm)

    def generator(self, context: RunContext) -> Generator:
        """The generator of a run."""
        return self._generator or self.backends.generator(context.generator or self.settings.generator)
