"""What a server's graph and the routes beside it share: models and stores, where its pictures are
found, and whether it is about to end."""

from __future__ import annotations

from functools import cache

from ..memory.state import ImageRef
from ..nodes.dependencies import Dependencies
from ..settings import Settings, load_settings

PICTURES = "/gems/pictures"
"""The route that pictures lie under."""


class Serving:
    """One server process.

    Attributes:
        deps: everything its runs work with.
        ending: whether the server shuts down, so that runs that are cut off will go on elsewhere.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()
        self.deps = Dependencies(self.settings, picture_url=self.picture_url)
        self.ending = False

    def picture_url(self, ref: ImageRef) -> str:
        """Where clients find a picture; without a public URL, below whatever they reached the server
        by."""
        base = (self.settings.public_url or "").rstrip("/")
        return f"{base}{PICTURES}/{ref['sha256']}.png"


@cache
def serving() -> Serving:
    """This process's, made once, since servers load the graph and the routes separately."""
    return Serving()
