"""`gems ui`: the web page, in one process with the runs that it starts."""

from __future__ import annotations

from importlib import import_module

from ...errors import InputError
from ...graphs.session import Session
from ...nodes.dependencies import Dependencies
from ...nodes.policy import policy_of
from ...places import check_address
from ...settings import load_settings
from ..http.keys import open_keys
from ..serve import check_place


def serve_page(host: str, port: int, url: str | None) -> None:
    """Serves until the process is ended; runs under way can be resumed.

    Args:
        host, port: where.
        url: the graph server whose runs are shown; None: those of this home.

    Raises:
        InputError: it may not listen there, or what it needs is not installed.
    """
    try:
        server = import_module(".server", __package__)
    except ImportError as exc:
        raise InputError("the page is not installed: pip install 'gems-agent[ui]'") from exc
    settings = load_settings()
    keys = open_keys(settings)
    check_place(host, port, keys)
    place, bare = f"[{host}]" if ":" in host and "[" not in host else host, host.strip("[]")
    said = f"gems: the page is on http://{place}:{port} (Ctrl-C ends it)"
    if url is not None:
        check_server(url)
        print(said, flush=True)
        server.serve_deployed(url, settings.server_key, keys, bare, port)
        return
    # Who comes with a key may ask for what the operator allows; whoever is on the machine is him.
    policy = policy_of(settings) if keys.wanted() else None
    session = Session(deps=Dependencies(settings, policy=policy))
    print(said, flush=True)
    server.serve_session(session, keys, bare, port)


def check_server(url: str) -> None:
    """Checks that an address may be one of a graph server.

    Raises:
        InputError: nothing can be reached by it.
    """
    try:
        check_address(url)
    except ValueError as exc:
        raise InputError(f"--url {url[:100]!r}: {exc}") from exc
