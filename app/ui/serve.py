"""`gems ui`: the web page, in one process with the runs that it starts."""

from __future__ import annotations

from importlib import import_module

from ...errors import InputError
from ...graphs.session import Session
from ...nodes.dependencies import Dependencies
from ...nodes.policy import policy_of
from ...settings import load_settings
from ..http.keys import KeyRing
from ..serve import check_place


def serve_page(host: str, port: int) -> None:
    """Serves until the process is ended; runs under way can be resumed.

    Raises:
        InputError: it may not listen there, or what it needs is not installed.
    """
    try:
        serve_until_ended = import_module(".server", __package__).serve_until_ended
    except ImportError as exc:
        raise InputError("the page is not installed: pip install 'gems-agent[ui]'") from exc
    settings = load_settings()
    keys = KeyRing(settings.root)
    check_place(host, port, keys)
    # Who comes with a key may ask for what the operator allows; whoever is on the machine is him.
    policy = policy_of(settings) if keys.wanted() else None
    session = Session(deps=Dependencies(settings, policy=policy))
    place = f"[{host}]" if ":" in host and "[" not in host else host
    print(f"gems: the page is on http://{place}:{port} (Ctrl-C ends it)", flush=True)
    serve_until_ended(session, keys, host.strip("[]"), port)
