"""The settings, read from ``GEMS_*`` environment variables. Nothing else reads the environment.

An empty variable counts as unset, and so does one of spaces alone. OpenAI's own two variables are
settings of their own, so that they reach OpenAI and nobody else; ``models/endpoint.py`` says who gets
which key.
"""

from __future__ import annotations

import ipaddress
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import InputError


def check_address(url: str) -> str:
    """The URL of a server, as it is.

    Raises:
        ValueError: no client could reach anything by it; the message says why.
    """
    if not url.isprintable() or " " in url:
        raise ValueError("it holds a space or a character that cannot be seen")
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("it begins with neither http:// nor https://")
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise ValueError("the brackets of its IPv6 address are off: http://[::1]:8000/v1") from exc
    check_host(parts)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("its port is no number from 1 to 65535")
    return url


def check_host(parts: SplitResult) -> None:
    """Checks that a URL names a host.

    Raises:
        ValueError: it does not; the message says why.
    """
    place = parts.netloc.rpartition("@")[2]
    if place.count(":") > 1 and "[" not in place:
        raise ValueError("an IPv6 address stands in brackets: http://[::1]:8000/v1")
    if not parts.hostname:
        raise ValueError("it names no host")
    try:
        if place.startswith("["):
            ipaddress.IPv6Address(parts.hostname)
        else:
            parts.hostname.encode("idna")
    except ValueError as exc:
        raise ValueError(f"{parts.hostname!r} is no host") from exc


def check_database(url: SecretStr) -> SecretStr:
    """The address of a PostgreSQL database, as it is: a URL, or libpq's ``host=... dbname=...``.

    Raises:
        ValueError: it is neither.
    """
    text = url.get_secret_value()
    if not text.startswith(("postgresql://", "postgres://")):
        if "=" not in text.partition(" ")[0]:
            raise ValueError("it is no postgresql://USER:PASSWORD@HOST:PORT/NAME")
        return url
    if not is_sound(text):
        raise ValueError(
            "its host or port cannot be used: postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40 for "
            "an @ in the password, %2F for a /, %3A for a :"
        )
    return url


def is_sound(url: str) -> bool:
    """Whether a database's URL splits where its writer meant it to: what stands unescaped in a password
    would pass for a host, a port or a database."""
    try:
        parts = urlsplit(url)
        return (
            parts.port != 0
            and "@" not in parts.path
            and parts.netloc.count("@") < 2
            and url.isprintable()
        )
    except ValueError:
        return False


def check_folders(folders: str) -> str:
    """Folders separated like PATH, as they are.

    Raises:
        ValueError: one begins with the home of a user that there is not.
    """
    for folder in folders.split(os.pathsep):
        check_folder(Path(folder))
    return folders


def check_folder(folder: Path) -> Path:
    """A folder, as it is; it need not exist.

    Raises:
        ValueError: it begins with the home of a user that there is not, or its name is no text.
    """
    try:
        str(folder).encode()
    except UnicodeEncodeError as exc:
        raise ValueError("its name is no UTF-8 text: choose another folder") from exc
    try:
        folder.expanduser()
    except RuntimeError as exc:
        raise ValueError(f"there is no home of {folder.parts[0]!r}; write the folder out") from exc
    return folder


def check_judges(specs: str) -> str:
    """Judges with commas, as they are.

    Raises:
        ValueError: there is none.
    """
    if not specs.replace(",", "").strip():
        raise ValueError("it names nobody: use mllm, mllm:SPEC or embedded")
    return specs


Address = Annotated[str, AfterValidator(check_address)]
Folders = Annotated[str, AfterValidator(check_folders)]


class Settings(BaseSettings):
    """Every setting with its default; ``GEMS_HOME`` sets ``home`` and so on."""

    model_config = SettingsConfigDict(
        env_prefix="GEMS_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    home: Annotated[Path, AfterValidator(check_folder)] = Field(
        default=Path("~/.gems"), description="where pictures, runs and experiences are kept"
    )
    skills: Folders = Field(default="", description="more folders with skills, separated like PATH")
    prompts: Folders = Field(
        default="", description="a folder with ROLE.md files that replace instructions"
    )
    verifiers: Annotated[str, AfterValidator(check_judges)] = Field(
        default="mllm",
        description="who judges a run's pictures, with commas: mllm, mllm:SPEC, embedded",
    )

    knowledge: str = Field(
        default="",
        description="where facts are looked up that the MLLM is not sure of: package.module:attribute",
    )
    knowledge_timeout: float = Field(default=20.0, gt=0, description="seconds that a look-up may take")

    openai_base_url: Address | None = Field(
        default=None,
        validation_alias="OPENAI_BASE_URL",
        description="where OpenAI's own variables lead to",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="sent to OpenAI or to OPENAI_BASE_URL, to no other server",
    )

    mllm: str = Field(
        default="embedded", description="openai:MODEL, langchain:PROVIDER:MODEL or embedded"
    )
    mllm_base_url: Address | None = Field(
        default=None,
        description="an OpenAI-compatible server, for example http://localhost:30000/v1; unset: "
        "OPENAI_BASE_URL, else OpenAI",
    )
    mllm_api_key: SecretStr | None = Field(default=None, description="the key of that server")
    mllm_timeout: float = Field(
        default=120.0, gt=0, allow_inf_nan=False, description="seconds one request may take"
    )
    mllm_retries: int = Field(default=3, ge=0, description="retries after 429, 5xx, timeout, hang-up")
    mllm_concurrency: int = Field(default=64, ge=1, description="requests in flight in this process")
    mllm_max_tokens: int = Field(default=8192, ge=16, description="tokens one answer may take")
    mllm_temperature: float | None = Field(
        default=None, ge=0, description="how freely the MLLM answers; unset: as the server does"
    )
    mllm_logprobs: bool = Field(
        default=False,
        description="ask the server how likely a verdict's words were: sure ones are not asked again",
    )
    mllm_image_side: int = Field(
        default=768,
        ge=0,
        description="longest side of pictures sent to the MLLM in pixels; 0: as they are",
    )

    generator: str = Field(
        default="embedded", description="diffusers:MODEL, openai:MODEL, gems-http:URL or embedded"
    )
    generator_base_url: Address | None = Field(
        default=None, description="a server with the Images API; unset: OPENAI_BASE_URL, else OpenAI"
    )
    generator_api_key: SecretStr | None = Field(default=None, description="the key of that server")
    generator_timeout: float = Field(
        default=600.0, gt=0, allow_inf_nan=False, description="seconds one picture may take"
    )
    generator_retries: int = Field(default=2, ge=0)
    generator_concurrency: int = Field(
        default=32, ge=1, description="HTTP requests for pictures in flight"
    )
    generator_steps: int | None = Field(default=None, ge=1, description="denoising steps")
    generator_guidance: float | None = Field(
        default=None, ge=0, description="classifier-free guidance; unset: as the model is published"
    )
    device: str = Field(default="auto", description="auto, cuda, cuda:1, mps or cpu")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="of a diffusers model's weights; auto: what the device is fast in"
    )
    offload: Literal["none", "model", "sequential"] = Field(
        default="none", description="keep parts of a diffusers model in CPU memory"
    )
    batch: int = Field(default=4, ge=1, description="pictures a diffusers model draws at once, at most")

    judge: str | None = Field(
        default=None,
        description="who scores benchmarks: openai:MODEL for public ones, mllm:SPEC for suites whose "
        "cases state requirements",
    )
    judge_base_url: Address | None = Field(
        default=None, description="the judge's server; unset: OPENAI_BASE_URL, else OpenAI"
    )
    judge_api_key: SecretStr | None = Field(default=None, description="the key of that server")
    judge_timeout: float = Field(
        default=300.0, gt=0, allow_inf_nan=False, description="seconds one verdict may take"
    )
    judge_retries: int = Field(default=3, ge=0)
    judge_concurrency: int = Field(default=16, ge=1, description="judge's requests in flight")

    public_url: Address | None = Field(
        default=None,
        validation_alias=AliasChoices("GEMS_PUBLIC_URL", "LANGGRAPH_API_URL"),
        description="where clients reach the graph server, for the addresses of its pictures",
    )
    allow: str = Field(
        default="",
        description="models and judges that clients of a graph server may name beside those above, "
        "with commas; * stands for any characters: openai:gpt-*",
    )
    limit_rounds: int = Field(default=20, ge=1, le=50, description="rounds that a client may ask for")
    limit_candidates: int = Field(
        default=8, ge=1, le=16, description="candidates that a client may ask for"
    )
    limit_side: int = Field(
        default=2048, ge=16, le=8192, description="pixels of width and height a client may ask for"
    )
    limit_seconds: float = Field(
        default=3600.0, gt=0, allow_inf_nan=False, description="seconds of work of a client's run"
    )
    link_seconds: float = Field(
        default=604800.0, gt=0, allow_inf_nan=False, description="how long a picture's address works"
    )
    origins: str = Field(
        default="", description="origins of web pages that may call `gems serve`, with commas"
    )
    database_url: Annotated[SecretStr, AfterValidator(check_database)] | None = Field(
        default=None, description="postgresql://... keeps checkpoints there instead of in a SQLite file"
    )
    chroma_url: Address | None = Field(
        default=None, description="http://host:port of a `chroma run` server"
    )
    chroma_token: SecretStr | None = Field(default=None, description="the token of that server")
    embedder: str = Field(
        default="e5", description="e5 (offline, many languages), hashing (words alone) or openai:MODEL"
    )
    embedder_base_url: Address | None = Field(
        default=None, description="the server of the embeddings; unset: the MLLM's"
    )
    embedder_api_key: SecretStr | None = Field(default=None, description="the key of that server")

    @model_validator(mode="before")
    @classmethod
    def _pass_over_blanks(cls, given: Any) -> Any:
        """Values are stripped, and those of which nothing is left count as not given."""
        if not isinstance(given, dict):
            return given
        stripped = {key: v.strip() if isinstance(v, str) else v for key, v in given.items()}
        return {key: value for key, value in stripped.items() if value != ""}

    @property
    def root(self) -> Path:
        """``home``, absolute and with ``~`` resolved; it need not exist yet."""
        return self.home.expanduser().absolute()


@cache
def load_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        InputError: variables have values that cannot be used; the message names every one.
    """
    try:
        return Settings()
    except ValidationError as exc:
        raise InputError("; ".join(describe(error) for error in exc.errors())) from None


def describe(error: ErrorDetails) -> str:
    """One variable and what is wrong with it; nothing of its value where that may hold a secret."""
    name, value = str(error["loc"][0]), str(error["input"])
    variable = name if name.isupper() else f"GEMS_{name.upper()}"
    problem = error["msg"].removeprefix("Value error, ")
    if variable.endswith("_KEY") or variable == "GEMS_DATABASE_URL":
        return f"{variable} cannot be used: {problem}"
    if "@" in value:
        value = f"{value.partition('://')[0][:5]}://***@{value.rpartition('@')[2]}"
    return f"{variable} has the value {value[:200]!r}: {problem}"
