"""`gems doctor`: what is configured, what answers, and what to do about what does not."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, NamedTuple

import httpx

from ..errors import GemsError
from ..memory.checkpoints import open_checkpointer
from ..memory.chroma import open_experiences
from ..memory.images import gems_version
from ..models.loop import run_blocking
from ..models.registry import open_generator, open_mllm
from ..settings import Settings, load_settings
from ..skills.catalogue import Catalogue, problems_of, skill_folders

PACKAGES = ("langgraph", "langchain-core", "langchain-openai", "diffusers", "torch", "chromadb")
PATIENCE = 5.0


class Finding(NamedTuple):
    """One line of the doctor's report."""

    what: str
    state: Literal["ok", "note", "fail"]
    says: str


def examine() -> list[Finding]:
    """Every check in turn; a check that fails is a finding, not an error."""
    settings = load_settings()
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        check_installation,
        check_home,
        check_mllm,
        check_generator,
        check_skills,
        check_checkpoints,
        check_experiences,
    )
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check(settings)
        except GemsError as exc:
            findings.append(Finding(check.__name__.removeprefix("check_"), "fail", str(exc)))
    return findings


def check_installation(settings: Settings) -> Iterator[Finding]:
    """Versions."""
    yield Finding("gems", "ok", f"{gems_version()} on Python {platform.python_version()}")
    for name in PACKAGES:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(name, "fail", f"is not installed: {sys.executable} -m pip install {name}")


def check_home(settings: Settings) -> Iterator[Finding]:
    """Whether GEMS_HOME can be written to."""
    from ..graphs.session import make_folder

    make_folder(settings.root)
    yield Finding("home", "ok", str(settings.root))


def check_mllm(settings: Settings) -> Iterator[Finding]:
    """Whether the MLLM opens and its server answers."""
    open_mllm(settings.mllm, settings)
    if settings.mllm == "embedded":
        yield Finding(
            "mllm",
            "note",
            "embedded: knows coloured shapes only; for real pictures set GEMS_MLLM=openai:MODEL, "
            "and GEMS_MLLM_BASE_URL for a server of your own",
        )
    elif settings.mllm.startswith("openai:"):
        key = settings.mllm_api_key
        yield reach(
            "mllm", settings.mllm, settings.mllm_base_url, key.get_secret_value() if key else None
        )
    else:
        yield Finding("mllm", "ok", settings.mllm)


def check_generator(settings: Settings) -> Iterator[Finding]:
    """Whether the generator opens and, if it is a server, answers."""
    generator = open_generator(settings.generator, settings)
    kind, _, rest = settings.generator.partition(":")
    if kind == "openai":
        key = settings.generator_api_key
        yield reach(
            "generator",
            settings.generator,
            settings.generator_base_url,
            key.get_secret_value() if key else None,
        )
    elif kind == "gems-http":
        yield reach_url("generator", settings.generator, rest, None)
    else:
        state: Literal["ok", "note"] = "note" if kind == "embedded" else "ok"
        says = str(generator.check())  # type: ignore[attr-defined]
        yield Finding("generator", state, says)


def reach(what: str, spec: str, base_url: str | None, key: str | None) -> Finding:
    """Asks an OpenAI-compatible server for its models."""
    base = (base_url or "https://api.openai.com/v1").rstrip("/")
    model = spec.partition(":")[2]
    finding = reach_url(what, spec, f"{base}/models", key)
    if finding.state == "ok" and model not in finding.says:
        return Finding(what, "note", f"{base} answers, and does not list the model {model!r}")
    return finding if finding.state != "ok" else Finding(what, "ok", f"{spec} at {base}")


def reach_url(what: str, spec: str, url: str, key: str | None) -> Finding:
    """One GET; any answer but a server error or a refused key means that somebody is there."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(url, headers=headers, timeout=PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return Finding(what, "fail", f"{spec}: {url} does not answer ({exc}); is the server up?")
    if answer.status_code in {401, 403}:
        name = "GEMS_MLLM_API_KEY" if what == "mllm" else "GEMS_GENERATOR_API_KEY"
        return Finding(what, "fail", f"{spec}: {url} refuses the key; set {name}")
    if answer.status_code >= 500:
        return Finding(what, "fail", f"{spec}: {url} answers {answer.status_code}")
    return Finding(what, "ok", answer.text)


def check_skills(settings: Settings) -> Iterator[Finding]:
    """The catalogue, and every folder that is no skill."""
    catalogue = Catalogue.from_settings(settings)
    yield Finding("skills", "ok", ", ".join(catalogue.names()))
    for folder in (folder for root in catalogue.folders for folder in skill_folders(root)):
        for problem in problems_of(folder):
            yield Finding("skills", "fail", f"{folder}: {problem}")


def check_checkpoints(settings: Settings) -> Iterator[Finding]:
    """Whether the checkpoint database opens."""

    async def attempt() -> None:
        async with open_checkpointer(settings):
            pass

    run_blocking(attempt())
    where = "PostgreSQL" if settings.database_url else str(settings.root / "checkpoints.sqlite")
    yield Finding("checkpoints", "ok", where)


def check_experiences(settings: Settings) -> Iterator[Finding]:
    """Whether the experience collection opens."""
    count = run_blocking(open_experiences(settings).count())
    where = settings.chroma_url or str(settings.root / "experiences")
    yield Finding("experiences", "ok", f"{count} in {where}")
