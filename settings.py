"""The settings, read from ``GEMS_*`` environment variables. Nothing else reads the environment.

An empty variable counts as unset. OpenAI's own two variables are settings of their own, so that they
reach OpenAI and nobody else; ``models/endpoint.py`` says who gets which key.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import InputError


class Settings(BaseSettings):
    """Every setting with its default; ``GEMS_HOME`` sets ``home`` and so on."""

    model_config = SettingsConfigDict(
        env_prefix="GEMS_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Path = Field(
        default=Path("~/.gems"), description="where pictures, runs and experiences are kept"
    )
    skills: str = Field(default="", description="more folders with skills, separated like PATH")
    prompts: str = Field(
        default="", description="a folder with ROLE.md files that replace instructions"
    )
    verifiers: str = Field(
        default="mllm",
        description="who judges a run's pictures, with commas: mllm, mllm:SPEC, embedded",
    )

    openai_base_url: str | None = Field(
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
    mllm_base_url: str | None = Field(
        default=None,
        description="an OpenAI-compatible server, for example http://localhost:30000/v1; unset: "
        "OPENAI_BASE_URL, else OpenAI",
    )
    mllm_api_key: SecretStr | None = Field(default=None, description="the key of that server")
    mllm_timeout: float = Field(default=120.0, gt=0, description="seconds one request may take")
    mllm_retries: int = Field(default=3, ge=0, description="retries after 429, 5xx, timeout, hang-up")
    mllm_concurrency: int = Field(default=64, ge=1, description="requests in flight in this process")
    mllm_max_tokens: int = Field(default=8192, ge=16, description="tokens one answer may take")
    mllm_temperature: float | None = Field(
        default=None, ge=0, description="how freely the MLLM answers; unset: as the server does"
    )
    mllm_image_side: int = Field(
        default=768,
        ge=0,
        description="longest side of pictures sent to the MLLM in pixels; 0: as they are",
    )

    generator: str = Field(
        default="embedded", description="diffusers:MODEL, openai:MODEL, gems-http:URL or embedded"
    )
    generator_base_url: str | None = Field(
        default=None, description="a server with the Images API; unset: OPENAI_BASE_URL, else OpenAI"
    )
    generator_api_key: SecretStr | None = Field(default=None, description="the key of that server")
    generator_timeout: float = Field(default=600.0, gt=0, description="seconds one picture may take")
    generator_retries: int = Field(default=2, ge=0, description="as GEMS_MLLM_RETRIES, for one picture")
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
        description="who scores a benchmark whose cases state requirements, for example mllm:SPEC",
    )

    database_url: SecretStr | None = Field(
        default=None, description="postgresql://... keeps checkpoints there instead of in a SQLite file"
    )
    chroma_url: str | None = Field(
        default=None, description="http://host:port of a `chroma run` server"
    )
    embedder: str = Field(default="hashing", description="hashing (offline) or openai:MODEL")

    @property
    def root(self) -> Path:
        """``home``, absolute and with ``~`` resolved; it need not exist yet."""
        return self.home.expanduser().absolute()


@cache
def load_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        InputError: a variable has a value that cannot be used; the message names it.
    """
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"GEMS_{name.upper()}"
        raise InputError(
            f"{variable} has the value {first.get('input')!r}: {first['msg']}; change or unset it"
        ) from exc
