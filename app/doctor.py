"""`gems doctor`: what is configured, what answers, and what to do about what does not."""

from __future__ import annotations

import platform
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import GemsError, InputError
from ..memory.checkpoints import open_checkpointer
from ..memory.chroma import open_experiences
from ..memory.folders import make_folder
from ..memory.images import gems_version
from ..memory.s3 import open_objects
from ..models.capabilities import Checkable, Closeable
from ..models.embedders.embedder import open_embedder
from ..models.loop import run_blocking
from ..models.prices import read_prices
from ..models.registry import open_generator, open_judge, open_mllm
from ..nodes.prompts import Prompts
from ..settings import Settings, load_settings
from ..skills.catalogue import NAMES_SHOWN, folders_of, used_lines
from ..skills.folders import skill_folders
from ..skills.front_matter import shown
from ..skills.skill import inspect

PACKAGES = ("langgraph", "langchain-core", "langchain-openai", "chromadb")
LOCAL_PACKAGES = ("diffusers", "torch", "transformers", "opencv-python-headless")
"""What models on servers do without."""


class Finding(NamedTuple):
    """One line of the doctor's report: what was checked, how it is, and what to do. ``--json``
    prints the fields under these names."""

    what: str
    state: Literal["ok", "note", "fail"]
    says: str


Check = Callable[[Settings], Iterator[Finding]]


def examine() -> list[Finding]:
    """Every check in turn.

    Raises:
        InputError: a setting cannot be used.
    """
    return findings_of(
        load_settings(),
        (
            check_installation,
            check_home,
            check_mllm,
            check_exam,
            check_generator,
            check_verifiers,
            check_prices,
            check_prompts,
            check_skills,
            check_checkpoints,
            check_objects,
            check_embedder,
            check_experiences,
        ),
    )


def findings_of(settings: Settings, checks: Sequence[Check]) -> list[Finding]:
    """What ``checks`` find in turn; a check that fails is a finding, not an error."""
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check(settings)
        except GemsError as exc:
            findings.append(Finding(check.__name__.removeprefix("check_"), "fail", str(exc)))
    return findings


def check_installation(settings: Settings) -> Iterator[Finding]:
    """Versions. What only local models need may be missing: who uses one is told so there."""
    yield Finding("gems", "ok", f"{gems_version()} on Python {platform.python_version()}")
    for name in (*PACKAGES, *LOCAL_PACKAGES):
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            if name in LOCAL_PACKAGES:
                yield Finding(name, "note", "is not installed: embedded and diffusers: need it")
            else:
                yield Finding(name, "fail", f"is not installed: {sys.executable} -m pip install {name}")


def check_home(settings: Settings) -> Iterator[Finding]:
    """Whether GEMS_HOME can be written to; it is made when missing."""
    make_folder(settings.root)
    yield Finding("home", "ok", str(settings.root))


def check_mllm(settings: Settings) -> Iterator[Finding]:
    """Whether the MLLM opens and, if it is a server, answers."""
    yield check_model("mllm", settings.mllm, open_mllm(settings.mllm, settings))


def check_prices(settings: Settings) -> Iterator[Finding]:
    """Whether it is known what runs cost, where somebody wants to know."""
    if settings.prices is None and settings.limit_cost is None:
        return
    prices = read_prices(settings.prices)
    try:
        prices.check(settings.generator, [settings.mllm])
    except InputError as exc:
        capped = settings.limit_cost is not None
        says = str(exc) if capped else "a model has no price, so runs do not say what they cost"
        yield Finding("prices", "fail" if capped else "note", says)
        return
    yield Finding("prices", "ok", str(settings.prices or "the models cost nothing"))


def check_exam(settings: Settings) -> Iterator[Finding]:
    """Where to learn what the MLLM can do, which nobody knows from its name."""
    says = f"how good the MLLM is in each role: gems eval roles --mllm {settings.mllm}"
    yield Finding("exam", "ok", says)


def check_generator(settings: Settings) -> Iterator[Finding]:
    """Whether the generator opens and, if it is a server, answers."""
    yield check_model("generator", settings.generator, open_generator(settings.generator, settings))


def check_model(what: str, spec: str, model: object) -> Finding:
    """What a model says of itself; one that cannot be checked has at least been opened."""
    if not isinstance(model, Checkable):
        return Finding(what, "ok", spec)
    health = run_blocking(model.check())
    return Finding(what, "note" if health.note else "ok", health.says)


def check_verifiers(settings: Settings) -> Iterator[Finding]:
    """Whether the judges that look at a run's pictures open; the run's own MLLM is checked above."""
    for spec in (part.strip() for part in settings.verifiers.split(",")):
        if spec and spec != "mllm":
            open_judge(spec, settings)
    yield Finding("verifiers", "ok", settings.verifiers)


def check_prompts(settings: Settings) -> Iterator[Finding]:
    """Whether the instructions that replace the packaged ones can be read."""
    folder = settings.prompts
    if folder:
        Prompts(Path(folder).expanduser())
        yield Finding("prompts", "ok", folder)


def check_skills(settings: Settings) -> Iterator[Finding]:
    """The skills, every folder that is none, and what could not be looked into."""
    found = [skill_folders(root) for root in folders_of(settings)]
    inspections = [inspect(folder) for one in found for folder in one.folders]
    names = sorted({item.skill.name for item in inspections if item.skill})
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    yield Finding("skills", "ok", ", ".join(names[:NAMES_SHOWN]) + more)
    for folder, skill, problems, _ in inspections:
        if skill is None:
            yield Finding("skills", "fail", f"{shown(folder)}: {'; '.join(problems)}")
    for line in [*used_lines(inspections), *(line for one in found for line in one.troubles)]:
        yield Finding("skills", "note", line)


def check_checkpoints(settings: Settings) -> Iterator[Finding]:
    """Whether the checkpoint database opens: it is opened, made when missing, and closed again."""

    async def attempt() -> None:
        async with open_checkpointer(settings):
            pass

    run_blocking(attempt())
    where = "PostgreSQL" if settings.database_url else str(settings.root / "checkpoints.sqlite")
    yield Finding("checkpoints", "ok", where)


def check_objects(settings: Settings) -> Iterator[Finding]:
    """Whether the store that machines share takes, gives back and deletes an object."""
    objects = open_objects(settings)
    if objects is None:
        return
    key = f"doctor/{secrets.token_hex(8)}"
    objects.put(key, b"gems")
    found, listed = objects.get(key), objects.below("doctor")
    objects.remove(key)
    if found != b"gems" or key.rpartition("/")[2] not in listed:
        yield Finding("objects", "fail", f"{objects.where} does not give back what it was given")
    elif settings.database_url is None:
        says = "pictures are shared, runs are this home's alone: set GEMS_DATABASE_URL as well"
        yield Finding("objects", "note", f"{objects.where}: {says}")
    else:
        yield Finding("objects", "ok", objects.where)


def check_embedder(settings: Settings) -> Iterator[Finding]:
    """Whether texts become vectors: one does."""
    embedder = open_embedder(settings)

    async def attempt() -> int:
        [vector] = await embedder.embed(["two red circles"])
        if isinstance(embedder, Closeable):
            await embedder.aclose()
        return len(vector)

    size = run_blocking(attempt())
    if settings.embedder == "hashing":
        yield Finding(
            "embedder", "note", "hashing: finds the same words only; GEMS_EMBEDDER=e5 finds more"
        )
    else:
        yield Finding("embedder", "ok", f"{settings.embedder}: {size} numbers a text")


def check_experiences(settings: Settings) -> Iterator[Finding]:
    """Whether the experience collection can be read, and how many there are."""
    count = run_blocking(open_experiences(settings).count())
    where = settings.chroma_url or str(settings.root / "experiences")
    yield Finding("experiences", "ok", f"{count} in {where}")
