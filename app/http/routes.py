"""The routes beside the graph API, and the server's start and end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...errors import GemsError
from ...graphs.serving import PICTURES, Serving
from ...memory.images import gems_version
from ...memory.older import completed
from ..garbage import collected_at_rest
from ..run_page import page
from .deletion import Deletion
from .keys import KeyRing
from .lateness import Lateness
from .links import Links
from .metrics import Metrics
from .pictures import Pictures, not_found
from .readiness import Readiness
from .threads import Threads

PAGE_MAY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a report's page may load: nothing but what is in it."""


class Routes:
    """What the routes answer that are not pictures."""

    def __init__(self, serving: Serving, metrics: Metrics, threads: Threads) -> None:
        self._serving = serving
        self._metrics = metrics
        self._threads = threads
        self._readiness = Readiness(serving.settings)

    async def health(self, request: Request) -> Response:
        """``GET /gems/health``: the process is up."""
        return JSONResponse({"ok": True, "version": gems_version()})

    async def ready(self, request: Request) -> Response:
        """``GET /gems/ready``: 200 where every backend answers, else 503; who does not, and why."""
        found = await self._readiness.findings()
        well = all(finding.state != "fail" for finding in found)
        body = {"ready": well, "backends": [finding._asdict() for finding in found]}
        return JSONResponse(body, 200 if well else 503)

    async def counted(self, request: Request) -> Response:
        """``GET /gems/metrics``, for Prometheus."""
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4")

    async def report(self, request: Request) -> Response:
        """``GET /gems/runs/THREAD``: what the run has so far, or its result."""
        values = await self._threads.values(request, request.path_params["thread"])
        if values is None or not values.get("prompt"):
            return not_found()
        return JSONResponse(self._serving.report(completed(values)))

    async def page(self, request: Request) -> Response:
        """``GET /gems/runs/THREAD.html``: the same as a page."""
        values = await self._threads.values(request, request.path_params["thread"])
        if values is None or not values.get("prompt"):
            return not_found()
        report = self._serving.report(completed(values))
        text = await asyncio.to_thread(page, report, values, self._serving.deps)
        return Response(text, media_type="text/html", headers={"Content-Security-Policy": PAGE_MAY})


def make_app(serving: Serving, metrics: Metrics, keys: KeyRing, links: Links, guard: Middleware) -> Any:
    """The application that a graph server merges its own routes into."""
    threads = Threads(keys)
    routes = Routes(serving, metrics, threads)
    images, paid = serving.deps.images, serving.deps.paid
    pictures = Pictures(images, links, threads)
    lateness = Lateness(metrics.late)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with collected_at_rest(lambda: serving.at_work), lateness.watched():
            yield
        # Servers cancel their runs when they end, which is no person's wish to stop them.
        serving.ending = True

    return application_class()(
        routes=[
            Route("/gems/health", routes.health),
            Route("/gems/ready", routes.ready),
            Route("/gems/metrics", routes.counted),
            Route("/gems/runs/{thread}.html", routes.page),
            Route("/gems/runs/{thread}", routes.report),
            Route(f"{PICTURES}/{{sha256}}.png", pictures.picture),
            Route(f"{PICTURES}/{{sha256}}.png/link", pictures.link),
        ],
        exception_handlers={GemsError: cannot},
        middleware=[
            guard,
            Middleware(
                Deletion, threads=threads, images=images, paid=paid, deleted=lambda: serving.deleted()
            ),
        ],
        lifespan=lifespan,
    )


async def cannot(request: Request, error: Exception) -> Response:
    """What an error of ours comes to: its line."""
    return JSONResponse({"detail": str(error)}, 422)


def application_class() -> Any:
    """What the application is one of: aegra takes FastAPI's alone, which is installed with it."""
    return import_module("fastapi").FastAPI if find_spec("fastapi") else Starlette
