"""One graph server process: its graph, the routes beside it, and who may come in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from langgraph_sdk import Auth
from starlette.middleware import Middleware

from ...graphs.server import ServedGraph, served
from ...graphs.serving import Serving
from ...memory.documents import open_documents
from ...memory.spending import open_spending
from ...nodes.policy import policy_of
from ...settings import load_settings
from .accounts import KeyAccounts
from .auth import make_auth
from .guard import Guard
from .keys import open_keys
from .links import Links
from .metrics import Metrics
from .routes import make_app


class Server:
    """What ``app/served.py`` hands to the server that loads it, made once a process."""

    def __init__(self) -> None:
        self._settings = settings = load_settings()
        self._keys = open_keys(settings)
        self._links = Links(open_documents(settings), settings.link_seconds)
        self._metrics = Metrics()
        self._policy = policy_of(settings)
        self._accounts = KeyAccounts(self._keys, open_spending(settings))
        self._serving = Serving(settings, self._policy, self._metrics, self._query, self._accounts)

    def _query(self, sha256: str) -> str:
        """What makes a picture's address work for who has no key, where one is needed."""
        return f"?{self._links.sign(sha256)}" if self._keys.wanted() else ""

    @cached_property
    def graph(self) -> ServedGraph:
        """The loop."""
        return served(self._serving)

    @asynccontextmanager
    async def checkpointer(self) -> AsyncIterator[Any]:
        """Where ``gems serve`` keeps the steps of threads: in the folder that its process works in.
        Other servers bring a checkpointer of their own."""
        from ...memory.server_checkpoints import open_server_checkpoints

        async with open_server_checkpoints(Path.cwd()) as saver:
            self._serving.deleted = saver.deleted
            yield saver

    @cached_property
    def app(self) -> Any:
        """The routes beside it."""
        guard = Middleware(Guard, keys=self._keys, policy=self._policy, accounts=self._accounts)
        return make_app(self._serving, self._metrics, self._keys, self._links, guard)

    @cached_property
    def auth(self) -> Auth:
        """Whose is whose."""
        return make_auth(self._keys)


SERVER = Server()
