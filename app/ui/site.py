"""The web page as an application: its routes behind its guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ...errors import GemsError, RunError
from ...graphs.session import Session
from ...memory.documents import open_documents
from ...nodes.policy import Policy
from ..garbage import short_collections
from ..http.guard import Guard
from ..http.keys import KeyRing
from ..http.links import Links
from ..http.pictures import Pictures
from .browse import Browse
from .deployed import Deployed
from .door import Door
from .lists import Lists
from .live import LiveRuns
from .login import Login
from .render import HERE, html
from .runs import RunPages
from .source import Local, Source


class Everybody:
    """Shows every picture of the home to whom the guard let in; see ``Shows``."""

    async def shows(self, request: Request, thread: str) -> bool:
        """Always."""
        return True


def make_site(source: Source, keys: KeyRing, live: LiveRuns, own: Sequence[Route]) -> ASGIApp:
    """The page over runs, which are let go of when the site ends.

    Args:
        source: the runs.
        keys: who may come in.
        live: the runs that are at work.
        own: routes that the source has by itself; ``/pictures/SHA256.png`` is one.
    """
    runs = RunPages(source, live)
    lists = Lists(source, live, runs)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with short_collections():
            yield
        await source.aclose()

    inside = Starlette(
        routes=[
            Route("/", lists.first),
            Route("/runs", lists.runs, methods=["GET"]),
            Route("/runs", lists.start, methods=["POST"]),
            Route("/compare", lists.compare),
            Route("/runs/{thread}", runs.show),
            Route("/runs/{thread}/live", runs.live),
            Route("/runs/{thread}/thumbnail", lists.thumbnail),
            Route("/runs/{thread}/report.html", runs.report),
            *(
                Route(f"/runs/{{thread}}/{name}", action, methods=["POST"])
                for name, action in {
                    "stop": runs.stop,
                    "resume": runs.resume,
                    "answer": runs.answer,
                    "fork": runs.fork,
                    "follow-up": runs.follow_up,
                    "rate": runs.rate,
                    "delete": runs.delete,
                }.items()
            ),
            *own,
        ],
        exception_handlers={GemsError: cannot, 404: missing, 405: missing, Exception: broken},
        lifespan=lifespan,
    )
    guarded = Guard(inside, keys=keys, policy=Policy())
    return Door(guarded, open_routes(keys), keys)


def session_site(session: Session, keys: KeyRing, live: LiveRuns) -> ASGIApp:
    """The page over the runs of a session."""
    settings, browse = session.settings, Browse(session)
    links = Links(open_documents(settings), settings.link_seconds)
    pictures = Pictures(session.deps.images, links, Everybody())
    own = [
        Route("/pictures/{sha256}.png", pictures.picture),
        Route("/skills", browse.skills),
        Route("/experiences", browse.experiences),
        Route("/settings", browse.settings),
        Route("/settings/findings", browse.findings),
    ]
    return make_site(Local(session), keys, live, own)


def deployed_site(deployed: Deployed, keys: KeyRing, live: LiveRuns) -> ASGIApp:
    """The page over the runs of a graph server."""
    return make_site(deployed, keys, live, [Route("/pictures/{sha256}.png", deployed.picture)])


def open_routes(keys: KeyRing) -> Starlette:
    """What needs no key: the form for one, and how pages look."""
    login = Login(keys)
    return Starlette(
        routes=[
            Route("/login", login.show, methods=["GET"]),
            Route("/login", login.enter, methods=["POST"]),
            Route("/logout", login.leave, methods=["POST"]),
            Route("/static/run_view.css", style_of_runs),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        exception_handlers={GemsError: cannot, 404: missing, 405: missing},
    )


async def style_of_runs(request: Request) -> Response:
    """How a run looks, in its report too."""
    return FileResponse(Path(HERE.parent / "run_view.css"), media_type="text/css")


async def cannot(request: Request, error: Exception) -> Response:
    """What an error of ours comes to: its line, on a page."""
    status = 404 if isinstance(error, RunError) else 422
    return await asyncio.to_thread(html, request, "problem", status, line=str(error))


async def missing(request: Request, error: Exception) -> Response:
    """There is no such page."""
    line = "There is nothing at this address."
    return await asyncio.to_thread(html, request, "problem", 404, line=line)


async def broken(request: Request, error: Exception) -> Response:
    """A bug: whoever reads the log sees its traceback."""
    line = "Something in GEMS broke; what it was stands where `gems ui` runs."
    return await asyncio.to_thread(html, request, "problem", 500, line=line)
