"""What runs work with: skills, experiences, settings and what the doctor finds."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from ...errors import GemsError
from ...graphs.session import Session
from ...memory.experiences import Experience, Listable
from ...models.loop import run_blocking
from ...settings import Settings
from ..doctor import Finding, examine
from .render import html

SHOWN = 30
"""Experiences on a page."""


class Setting(NamedTuple):
    """A setting as it is in force."""

    variable: str
    value: str
    about: str
    changed: bool
    """Whether it is not the default."""


class Browse:
    """The routes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def skills(self, request: Request) -> Response:
        """``GET /skills``: what prompts can be written with."""
        catalogue = self._session.deps.skills
        shown = [(skill, *instructions_of(catalogue, skill.name)) for skill in catalogue.skills()]
        return html(request, "skills", skills=shown, warnings=catalogue.warnings)

    def experiences(self, request: Request) -> Response:
        """``GET /experiences``: what earlier runs taught, of all or of requests like ``?q=``."""
        asked = request.query_params.get("q", "").strip()
        found, error = list[Experience](), ""
        try:
            found = self._found(asked)
        except GemsError as exc:
            error = str(exc)
        return html(request, "experiences", asked=asked, found=found, error=error, most=SHOWN)

    def _found(self, asked: str) -> list[Experience]:
        """Experiences, the nearest first or as they are kept.

        Raises:
            GemsError: the collection cannot be read.
        """
        store, generator = self._session.deps.experiences, self._session.settings.generator
        if asked:
            return [item.experience for item in run_blocking(store.similar(asked, generator, SHOWN))]
        return run_blocking(store.latest(SHOWN)) if isinstance(store, Listable) else []

    def settings(self, request: Request) -> Response:
        """``GET /settings``: every setting; what the doctor finds comes after."""
        return html(request, "settings", settings=settings_of(self._session.settings))

    def findings(self, request: Request) -> Response:
        """``GET /settings/findings``: what the doctor finds, for the page to be put in."""
        return html(request, "findings", findings=found_by_doctor())


def found_by_doctor() -> list[Finding]:
    """What the doctor finds; settings that it cannot read are a finding as well."""
    try:
        return examine()
    except GemsError as exc:
        return [Finding("settings", "fail", str(exc))]


def instructions_of(catalogue: Any, name: str) -> tuple[str, str]:
    """A skill's text, and why it cannot be read."""
    bodies, problems = catalogue.instructions(name)
    return bodies.get(name, ""), "; ".join(problems)


def settings_of(settings: Settings) -> list[Setting]:
    """Every setting, secrets only as given or not."""
    return [
        Setting(
            variable=variable_of(name, field.validation_alias),
            value=shown(getattr(settings, name)),
            about=field.description or "",
            changed=getattr(settings, name) != field.default,
        )
        for name, field in Settings.model_fields.items()
    ]


def variable_of(name: str, alias: object) -> str:
    """The environment variable of a setting."""
    return alias if isinstance(alias, str) else f"GEMS_{name.upper()}"


def shown(value: object) -> str:
    """A setting's value; of a secret, that it is set."""
    if isinstance(value, SecretStr):
        return "set, and not shown"
    text = "" if value is None else str(value)
    scheme, mark, rest = text.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if mark and "@" in rest else text
