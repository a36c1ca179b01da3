"""What a server's graph and the routes beside it share: models and stores, where its pictures are
found, and whether it is about to end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from ..memory.state import ImageRef, RunReport, RunState
from ..nodes.dependencies import Accounts, Dependencies
from ..nodes.meter import Meter
from ..nodes.policy import Policy
from ..nodes.results import report
from ..settings import Settings

PICTURES = "/gems/pictures"
"""The route that pictures lie under."""


async def at_once() -> None:
    """Nothing to wait for."""


class Serving:
    """One server process.

    Args:
        settings: what it runs with.
        policy: what its clients may ask for.
        meter: hears what nodes did.
        query: what follows a picture's address, by the picture's hash.
        accounts: finds the account of who began a run.

    Attributes:
        deps: everything its runs work with.
        ending: whether the server shuts down, so that runs that are cut off will go on elsewhere.
        at_work: how many runs are.
        deleted: waits until threads are whose deletion was asked for.
    """

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        meter: Meter,
        query: Callable[[str], str],
        accounts: Accounts | None = None,
    ) -> None:
        self.settings = settings
        self._query = query
        self.deps = Dependencies(
            settings, picture_url=self.picture_url, policy=policy, meter=meter, accounts=accounts
        )
        self.ending = False
        self.at_work = 0
        self.deleted: Callable[[], Awaitable[None]] = at_once

    @contextmanager
    def working(self) -> Iterator[None]:
        """Counts a run as at work as long as the block lasts."""
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1

    def picture_url(self, ref: ImageRef) -> str:
        """Where clients find a picture; without a public URL, below whatever they reached the server
        by."""
        base = (self.settings.public_url or "").rstrip("/")
        return f"{base}{PICTURES}/{ref['sha256']}.png{self._query(ref['sha256'])}"

    def report(self, values: Mapping[str, Any]) -> RunReport:
        """What a run has so far, from its state."""
        return report(cast(RunState, values), self.deps, str(values.get("thread_id") or ""))
