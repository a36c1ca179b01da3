"""The web page's own server process: it ends at once, whoever has the page open."""

from __future__ import annotations

from contextlib import suppress
from types import FrameType

import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from ...graphs.session import Session
from ..http.keys import KeyRing
from .deployed import Deployed
from .live import LiveRuns
from .site import deployed_site, session_site

GRACE = 5
"""Seconds that answers under way are given when the server ends."""


class PageServer(uvicorn.Server):
    """Lets go of the pages that watch a run before it waits for connections to end."""

    def __init__(self, config: uvicorn.Config, live: LiveRuns) -> None:
        super().__init__(config)
        self._live = live

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See ``uvicorn.Server``; called by signals."""
        self._live.end()
        super().handle_exit(sig, frame)


def serve_session(session: Session, keys: KeyRing, host: str, port: int) -> None:
    """Serves a session's runs until the process is ended; the session is closed then."""
    live = LiveRuns()
    serve_until_ended(session_site(session, keys, live), live, host, port)


def serve_deployed(url: str, key: SecretStr | None, keys: KeyRing, host: str, port: int) -> None:
    """Serves a graph server's runs until the process is ended; they go on there."""
    live = LiveRuns()
    serve_until_ended(deployed_site(Deployed(url, key), keys, live), live, host, port)


def serve_until_ended(site: ASGIApp, live: LiveRuns, host: str, port: int) -> None:
    """Serves until the process is ended."""
    config = uvicorn.Config(
        site,
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
        proxy_headers=False,
        server_header=False,
    )
    # Once all is closed uvicorn raises Ctrl-C again, by which this command is meant to end.
    with suppress(KeyboardInterrupt):
        PageServer(config, live).run()
