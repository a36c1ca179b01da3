"""What nodes work with: models, stores and skills, handed in as protocols and opened when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ..errors import InputError
from ..memory.chroma import open_experiences
from ..memory.experiences import ExperienceStore
from ..memory.images import ImageStore, open_images
from ..memory.paid import PaidAnswers, open_paid
from ..memory.state import ImageRef
from ..models.chat.mllm import MLLM
from ..models.judges.judge import Judge
from ..models.judges.mllm import INSTRUCTIONS, MLLMJudge
from ..models.judges.router import JudgeRouter
from ..models.knowledge import Knowledge, open_knowledge
from ..models.pictures.generator import Generator
from ..models.prices import Prices, read_prices
from ..models.registry import Backends
from ..settings import Settings, load_settings
from ..skills.catalogue import Catalogue
from .actions import ACTIONS, Action
from .context import RunContext
from .meter import Meter
from .paid import kept_by_task
from .policy import Policy
from .priced import paid_embeddings, priced_generator, priced_judge, priced_mllm
from .prompts import Prompts
from .purse import Account, Purses
from .signals import Signals

Accounts = Callable[[Mapping[str, str]], Account | None]
"""Finds the account of who asked for a run, by what their server says of them; None: there is none."""


class Dependencies:
    """Opens each on first use, so that building a graph touches neither disk nor network.

    Whatever is given is used as it is, and stays open when the rest is closed; the rest follows the
    settings. Of a server: ``picture_url`` says where clients find a picture, ``policy`` what they may
    ask for, ``meter`` hears what nodes did, and ``accounts`` finds the account of who began a run.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        mllm: MLLM | None = None,
        generator: Generator | None = None,
        judges: Sequence[Judge] | None = None,
        images: ImageStore | None = None,
        experiences: ExperienceStore | None = None,
        skills: Catalogue | None = None,
        backends: Backends | None = None,
        actions: Mapping[str, Action] = ACTIONS,
        picture_url: Callable[[ImageRef], str] | None = None,
        policy: Policy | None = None,
        meter: Meter | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self._settings = settings
        self._mllm = mllm
        self._generator = generator
        self._judges = judges
        self._images = images
        self._experiences = experiences
        self._skills = skills
        self._backends = backends
        self._prepared: set[tuple[str | None, ...]] = set()
        self.actions = actions
        self.picture_url = picture_url
        self.policy = policy or Policy()
        self.meter = meter
        self.accounts = accounts
        self.purses = Purses()
        self.signals = Signals()
        self.unable = set[str]()
        """The names of MLLMs that could not answer several questions about a picture in one call."""

    def prepared(self, context: RunContext) -> bool:
        """Whether everything a run with ``context`` needs is open."""
        return models_of(context) in self._prepared

    def prepare(self, context: RunContext) -> None:
        """Opens everything a run with ``context`` needs. May block.

        Raises:
            InputError: a model or setting that does not exist.
        """
        self.judge(context)
        _ = self.generator(context).card
        if context.max_cost is not None:
            self.check_prices(context)
        for name in ("images", "experiences", "skills", "prompts", "knowledge"):
            getattr(self, name)
        self._prepared.add(models_of(context))

    @cached_property
    def settings(self) -> Settings:
        """The settings given, else those of the environment."""
        return self._settings or load_settings()

    @cached_property
    def backends(self) -> Backends:
        """Opens models by their specs, each one once."""
        return self._backends or Backends(self.settings)

    @cached_property
    def images(self) -> ImageStore:
        """Where pictures are kept: what was given, else the store the settings name."""
        return self._images or open_images(self.settings)

    @cached_property
    def prices(self) -> Prices:
        """What models cost, by the list of the settings.

        Raises:
            InputError: it cannot be read.
        """
        return read_prices(self.settings.prices)

    @cached_property
    def paid(self) -> PaidAnswers:
        """Where answers are kept until the step that asked for them is stored."""
        return open_paid(self.settings)

    @cached_property
    def experiences(self) -> ExperienceStore:
        """What was given, else the collection the settings name; nothing is opened before it is
        used."""
        if self._experiences is not None:
            return self._experiences
        return open_experiences(self.settings, paid_embeddings(self.settings.embedder, self.prices))

    @cached_property
    def skills(self) -> Catalogue:
        """What was given, else the skills of the settings' folders, whose front matter is read here."""
        return self._skills or Catalogue.from_settings(self.settings)

    @cached_property
    def prompts(self) -> Prompts:
        """The roles' instructions, the folder of ``GEMS_PROMPTS`` read once.

        Raises:
            InputError: the folder is missing, or a file in it cannot be used.
        """
        folder = self.settings.prompts
        return Prompts(Path(folder).expanduser() if folder else None)

    @cached_property
    def knowledge(self) -> Knowledge | None:
        """Where facts are looked up; None: nowhere, the settings name no source.

        Raises:
            InputError: the source they name cannot be found or used.
        """
        return open_knowledge(self.settings)

    def mllm(self, context: RunContext) -> MLLM:
        """The MLLM of a run: what was given, else by the run's spec, else by the settings'.

        Raises:
            InputError: no such kind of model, or it cannot be used as it is installed.
        """
        spec = self._allowed(context.mllm) or self.settings.mllm
        return self._priced(self._mllm or self.backends.mllm(spec))

    def generator(self, context: RunContext) -> Generator:
        """The generator of a run: what was given, else by the run's spec, else by the settings'.

        Raises:
            InputError: no such kind of model, or it cannot be used as it is installed.
            RefusedError: what the spec names is no model.
        """
        spec = self._allowed(context.generator) or self.settings.generator
        return priced_generator(self._generator or self.backends.generator(spec), self.prices)

    def judge(self, context: RunContext) -> JudgeRouter:
        """The judges of a run as one.

        Raises:
            InputError: one of them does not exist.
        """
        if self._judges is not None:
            return JudgeRouter([priced_judge(judge, self.prices) for judge in self._judges])
        return JudgeRouter([self._open_judge(spec, context) for spec in self._judge_specs(context)])

    def _judge_specs(self, context: RunContext) -> list[str]:
        wanted = context.verifiers or self.settings.verifiers
        specs = [spec.strip() for spec in wanted.split(",") if spec.strip()]
        if not specs:
            raise InputError(f"verifiers = {wanted!r} names no judge: say mllm, or another kind")
        for spec in specs if context.verifiers else ():
            self.policy.check_model(spec)
        return specs

    def picture_price(self, context: RunContext) -> float | None:
        """What a picture of a run costs; None: there is no price for it."""
        return self.prices.picture(self.generator(context).name)

    def check_prices(self, context: RunContext) -> None:
        """Checks that it can be known what a run with ``context`` costs.

        Raises:
            InputError: a model of it has no price; the message names it.
        """
        callers = [self.mllm(context).name, *self._judge_names(context)]
        self.prices.check(self.generator(context).name, callers)

    def _judge_names(self, context: RunContext) -> list[str]:
        """By what name each judge of a run has its price."""
        judges = self._judges
        if judges is None:
            judges = [self._open_judge(spec, context) for spec in self._judge_specs(context)]
        return [judge.name.removeprefix("mllm:") for judge in judges]

    def _priced(self, mllm: MLLM) -> MLLM:
        """``mllm``, paid for and its answers kept; what was kept is not paid again."""
        return kept_by_task(priced_mllm(mllm, self.prices))

    def _allowed(self, spec: str | None) -> str | None:
        """A spec that a run's caller gave, where one may be given."""
        if spec is not None:
            self.policy.check_model(spec)
        return spec

    def _open_judge(self, spec: str, context: RunContext) -> Judge:
        """A judge that is an MLLM has the run's instructions; others come from the registry."""
        kind, _, model = spec.partition(":")
        if kind != "mllm":
            return priced_judge(self.backends.judge(spec), self.prices)
        instructions = {role: self.instructions(role, context) for role in INSTRUCTIONS}
        mllm = self._priced(self.backends.mllm(model)) if model else self.mllm(context)
        return MLLMJudge(
            mllm,
            instructions,
            together=context.verify == "together",
            votes=context.verify == "votes",
            unable=self.unable,
        )

    def instructions(self, role: str, context: RunContext) -> str:
        """What ``role`` is told in a run: the run's own text, else the folder's, else the packaged
        one."""
        return self.prompts.text(role, context.prompt_for(role))

    def offered_actions(self, context: RunContext) -> list[Action]:
        """The actions that a run's generator can carry out, in the table's order."""
        card = self.generator(context).card
        return [action for action in self.actions.values() if card.can(action.needs)]

    async def aclose(self) -> None:
        """Closes what was opened here; it is opened again when it is needed again."""
        if self._backends is None and "backends" in self.__dict__:
            await self.backends.aclose()
        if self._experiences is None and "experiences" in self.__dict__:
            await self.experiences.aclose()


def models_of(context: RunContext) -> tuple[str | None, ...]:
    """What decides what has to be open, and what is checked then."""
    capped = None if context.max_cost is None else "capped"
    return (context.mllm, context.generator, context.verifiers, capped)
