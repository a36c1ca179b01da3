"""Where ``openai:`` specs lead to, and with which key: OpenAI's own variables reach no other server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import SecretStr

from ..errors import InputError, keep_secret
from ..settings import Settings
from .proxies import open_http_client

OPENAI_URL = "https://api.openai.com/v1"
Part = Literal["mllm", "generator", "embedder", "judge"]
NEEDED = frozenset(
    {
        "accept", "accept-encoding", "authorization", "connection", "content-length",
        "content-type", "cookie", "host", "transfer-encoding", "user-agent",
    }
)  # fmt: skip
"""Headers that a server has use for, besides the client library's ``x-stainless-*``."""


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server.

    ``openais`` tells whether OpenAI's own variables (key, organization, project, headers) are meant
    for it: it is OpenAI itself, or the server that ``OPENAI_BASE_URL`` names.
    """

    url: str
    key: SecretStr | None
    openais: bool
    key_name: str
    query: Mapping[str, str] = field(default_factory=dict)
    """What goes with every request's address, such as Azure's ``api-version``."""

    def at(self, path: str) -> str:
        """The address of ``path`` below the base URL."""
        return f"{self.url}/{path}" + (f"?{urlencode(self.query)}" if self.query else "")

    @property
    def headers(self) -> dict[str, str]:
        """The header with the key, where there is one."""
        return {"Authorization": f"Bearer {self.key.get_secret_value()}"} if self.key else {}

    def check_key(self, spec: str) -> None:
        """Checks that a key is there where there must be one.

        Raises:
            InputError: OpenAI itself is meant and there is no key.
        """
        if self.key is None and is_openai_itself(self.url):
            raise InputError(
                f"{spec} needs a key: set {self.key_name}, or "
                f"{self.key_name.replace('API_KEY', 'BASE_URL')} for a server of your own"
            )


def is_openai_itself(url: str) -> bool:
    """Whether ``url`` leads to OpenAI's own servers."""
    host = urlsplit(url).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def resolve_endpoint(settings: Settings, part: Part) -> Endpoint:
    """The server that ``openai:`` means for a part of the settings, and its key.

    ``GEMS_*_BASE_URL`` comes before ``OPENAI_BASE_URL``, that before OpenAI. ``GEMS_*_API_KEY`` is sent
    wherever that leads to; ``OPENAI_API_KEY`` only to OpenAI and to ``OPENAI_BASE_URL``. Embeddings
    without an address of their own come from the MLLM's server, with its key.
    """
    own, key = own_settings(settings, part)
    theirs = settings.openai_base_url
    url, query = parted(own or theirs or OPENAI_URL)
    openais = is_openai_itself(url) or (bool(theirs) and url == parted(theirs or "")[0])
    # An empty SecretStr is false, too.
    chosen = key or (settings.openai_api_key if openais else None) or None
    name = f"GEMS_{part.upper()}_API_KEY"
    keep_secret(urlsplit(url).password or "")
    chosen = clean_key(chosen, name if key else "OPENAI_API_KEY")
    return Endpoint(url, chosen, openais, name, query)


def parted(url: str) -> tuple[str, dict[str, str]]:
    """A base URL without its last slashes, and its query, which goes behind each path instead."""
    address, _, query = url.partition("#")[0].partition("?")
    return address.rstrip("/"), dict(parse_qsl(query, keep_blank_values=True))


def own_settings(settings: Settings, part: Part) -> tuple[str | None, SecretStr | None]:
    """The address and the key that a part's settings name."""
    own: str | None = getattr(settings, f"{part}_base_url")
    key: SecretStr | None = getattr(settings, f"{part}_api_key")
    if part == "embedder" and not own:
        return settings.mllm_base_url, key or settings.mllm_api_key
    return own, key


def clean_key(key: SecretStr | None, name: str) -> SecretStr | None:
    """A key as it is sent: without the spaces, line breaks, quotes and "Bearer" that are copied along.

    Raises:
        InputError: it holds a character that no header can hold; the message names the variable
            ``name`` and the character, and nothing else of the key.
    """
    if key is None:
        return None
    value = key.get_secret_value().strip().strip("\ufeff\u200b").strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1].strip()
    if value[:7].casefold() == "bearer ":
        value = value[7:].strip()
    keep_secret(value)
    for place, character in enumerate(value, 1):
        if not "!" <= character <= "~":
            raise InputError(
                f"{name} holds {name_of(character)} at position {place}, which no key does: "
                "copy the key again"
            )
    return SecretStr(value) if value else None


def name_of(character: str) -> str:
    """A character that cannot be shown as it is."""
    usual = {"\n": "a line break", "\r": "a line break", " ": "a space", "\t": "a tab"}
    return usual.get(character, f"the character U+{ord(character):04X}")


def connection_options(endpoint: Endpoint) -> dict[str, Any]:
    """What LangChain's classes for OpenAI are given to reach ``endpoint``, and nothing else of theirs.

    The openai package reads organization, project and more headers from the environment by itself,
    and LangChain a proxy; for a server that is not OpenAI's the request is stripped of them.
    """
    from openai import DefaultAsyncHttpxClient

    hooks: list[Callable[[Any], Awaitable[None]]] = []
    options: dict[str, Any] = {"openai_proxy": ""}
    if endpoint.query:
        options["default_query"] = dict(endpoint.query)
    if not endpoint.openais:
        hooks = [only_needed_headers(endpoint)]
        # Given here it comes before one that OPENAI_CUSTOM_HEADERS holds.
        options["default_headers"] = endpoint.headers
    return {
        **options,
        "base_url": endpoint.url,
        # Without any key the client looks for OPENAI_API_KEY; this word is taken off again below.
        "api_key": endpoint.key or SecretStr("none"),
        "http_client": idle_client(),
        "http_async_client": open_http_client(
            DefaultAsyncHttpxClient, endpoint.url, event_hooks={"request": hooks}
        ),
    }


@cache
def idle_client() -> Any:
    """What LangChain's classes are given for calls without an event loop, which GEMS never makes; one
    that they open by themselves would fail of a proxy that nobody needs."""
    from openai import DefaultHttpxClient

    return DefaultHttpxClient(trust_env=False)


def only_needed_headers(endpoint: Endpoint) -> Callable[[Any], Awaitable[None]]:
    """A hook for an HTTP client that takes off all headers but those in ``NEEDED``, and every key
    but the endpoint's. It never adds one: a redirect to another host loses the key for good."""
    wanted = endpoint.headers.get("Authorization")

    async def strip(request: Any) -> None:
        headers = request.headers
        for name in {name.lower() for name in headers}:
            foreign = name not in NEEDED and not name.startswith("x-stainless-")
            if foreign or (name == "authorization" and headers[name] != wanted):
                del headers[name]

    return strip
