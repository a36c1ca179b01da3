"""Whether a server is there: one GET, for ``gems doctor``."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ..errors import RefusedError, UnreachableError, hide
from .capabilities import Health
from .endpoint import Endpoint
from .proxies import open_http_client, proxy_note

PATIENCE = 5.0
"""Seconds a server has for its answer."""


async def ask_server(
    spec: str, url: str, headers: Mapping[str, str] | None = None, key: str = ""
) -> str:
    """What ``url`` answers; any status but a refused key or a server error will do.

    Args:
        key: the setting that holds the key, for advice.

    Raises:
        UnreachableError: nobody is there, or the server is in trouble.
        RefusedError: it refuses the key.
    """
    try:
        async with open_http_client(httpx.AsyncClient, url, timeout=PATIENCE) as client:
            answer = await client.get(url, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        said = str(exc) or type(exc).__name__
        note = proxy_note(url)
        raise UnreachableError(
            f"{spec}: {url} does not answer ({said}); is the server up?{note and f' {note}'}"
        ) from exc
    if answer.status_code in {401, 403}:
        raise RefusedError(f"{spec}: {url} refuses the key; set {key or 'one in the URL'}")
    if answer.status_code >= 500:
        raise UnreachableError(
            f"{spec}: {url} answers {answer.status_code}; look at the server's own log"
        )
    return answer.text


async def check_endpoint(spec: str, endpoint: Endpoint) -> Health:
    """Whether an OpenAI-compatible server answers and lists the model of ``spec``.

    Raises:
        UnreachableError, RefusedError: see ``ask_server``.
    """
    model = spec.partition(":")[2]
    said = await ask_server(spec, endpoint.at("models"), endpoint.headers, endpoint.key_name)
    if model not in said:
        answers = f"{hide(endpoint.url)} answers, and does not list the model {model!r}"
        return Health(answers, note=True)
    return Health(f"{spec} at {hide(endpoint.url)}")
