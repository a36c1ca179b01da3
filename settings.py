"""The settings, read from ``GEMS_*`` environment variables. Nothing else reads the environment.

An empty variable counts as unset, and so does one of spaces alone. OpenAI's own two variables are
settings of their own, so that they reach OpenAI and nobody else; ``models/endpoint.py`` says who gets
which key.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import InputError
from .places import (
    check_address,
    check_bucket,
    check_database,
    check_folder,
    check_folders,
    check_judges,
)

Address = Annotated[str, AfterValidator(check_address)]
Folders = Annotated[str, AfterValidator(check_folders)]


CHANGED: dict[str, Any] = {}
"""What a process runs with otherwise than its environment says."""


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
    prices: Annotated[Path, AfterValidator(check_folder)] | None = Field(
        default=None, description="a TOML file that says what models cost, so that runs can say it, too"
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
    limit_cost: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="money that a client's run may cost"
    )
    link_seconds: float = Field(
        default=604800.0, gt=0, allow_inf_nan=False, description="how long a picture's address works"
    )
    origins: str = Field(
        default="", description="origins of web pages that may call `gems serve`, with commas"
    )
    server_key: SecretStr | None = Field(
        default=None, description="the key of the graph server that `gems ui --url` shows"
    )
    database_url: Annotated[SecretStr, AfterValidator(check_database)] | None = Field(
        default=None, description="postgresql://... keeps checkpoints there instead of in a SQLite file"
    )
    objects: Annotated[str, AfterValidator(check_bucket)] | None = Field(
        default=None,
        description="s3://BUCKET/PREFIX keeps pictures there for every machine; with a database, runs "
        "are everywhere as well",
    )
    objects_url: Address | None = Field(
        default=None, description="a store with the S3 API; unset: Amazon's. Its keys: AWS_*"
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

    @property
    def server_folder(self) -> Path:
        """Where a graph server of this home keeps its threads."""
        return self.root / "server"


@cache
def load_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        InputError: variables have values that cannot be used; the message names every one.
    """
    try:
        return Settings().model_copy(update=CHANGED)
    except ValidationError as exc:
        raise InputError("; ".join(describe(error) for error in exc.errors())) from None


def change_settings(**changes: Any) -> Settings:
    """The settings of this process from now on, some of them other than its environment says."""
    CHANGED.update(changes)
    load_settings.cache_clear()
    return load_settings()


def own_variables() -> dict[str, str]:
    """The variables of this process that GEMS reads, for another process that is to do the same."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("GEMS_") or name in {"OPENAI_API_KEY", "OPENAI_BASE_URL"}
    }


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
