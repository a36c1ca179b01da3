"""Where the page's runs are: in a session of its process, or in a deployed graph (``deployed.py``)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from ...events import Event
from ...graphs.options import RunOptions
from ...graphs.session import Session
from ...memory.runs import RunRecord
from ...memory.state import RunReport
from ...nodes.context import check_context
from ...nodes.dependencies import Dependencies
from ..run_page import page


class Stream(Protocol):
    """A run at work, as its events; ``RunStream`` is one. Reading raises why it could not go on."""

    @property
    def thread_id(self) -> str:
        """Names the run."""
        ...

    def __aiter__(self) -> AsyncIterator[Event]: ...


class Source(Protocol):
    """What the page does with runs. Methods may block; their errors are the library's."""

    @property
    def deps(self) -> Dependencies:
        """What reports are put together with."""
        ...

    @property
    def embedded(self) -> bool:
        """Whether its models are the small world that comes with GEMS."""
        ...

    def skills(self) -> list[str]:
        """The skills that can be asked for by name."""
        ...

    def records(self) -> list[RunRecord]:
        """The runs, the latest first."""
        ...

    def record(self, thread: str) -> RunRecord:
        """One of them."""
        ...

    def report(self, thread: str, /) -> RunReport:
        """What it has so far, or its result."""
        ...

    def facts(self, thread: str, /) -> dict[str, Any]:
        """Its state."""
        ...

    def file(self, thread: str) -> str:
        """Its report as one HTML file."""
        ...

    def draw(self, prompt: str, options: RunOptions) -> Stream:
        """Begins a run."""
        ...

    def resume(self, thread: str, answer: Mapping[str, Any] | None = None) -> Stream:
        """Goes on with one, with a person's answer where it waits for that."""
        ...

    def fork(self, thread: str, after: int, prompt: str | None, verdicts: Mapping[str, str]) -> Stream:
        """Goes another way from a round of one."""
        ...

    def follow_up(self, thread: str, change: str, /) -> Stream:
        """Changes the best picture of one that has ended."""
        ...

    def cancel(self, thread: str, /) -> None:
        """Has one end with its best picture."""
        ...

    def rate(self, thread: str, stars: int | None, /) -> None:
        """Keeps with one what a person thinks of it."""
        ...

    def delete(self, thread: str, /) -> object:
        """Has one go with its pictures and steps."""
        ...

    async def aclose(self) -> None:
        """Lets go of everything."""
        ...


class Local:
    """The runs of a session; see ``Source``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.deps = session.deps
        settings = session.settings
        self.embedded = "embedded" in (settings.mllm, settings.generator)
        self.facts = session.facts
        self.report = session.report
        self.cancel = session.cancel
        self.follow_up = session.follow_up_stream
        self.rate = session.rate
        self.delete = session.delete
        self.aclose = session.aclose

    def skills(self) -> list[str]:
        """The catalogue's."""
        return self.deps.skills.names()

    def records(self) -> list[RunRecord]:
        """The index's."""
        return self._session.index.all()

    def record(self, thread: str) -> RunRecord:
        """The index's entry."""
        return self._session.index.read(thread)

    def file(self, thread: str) -> str:
        """What ``gems show --html`` writes."""
        return page(self.report(thread), self.facts(thread), self.deps)

    def draw(self, prompt: str, options: RunOptions) -> Stream:
        """Within what the operator allows."""
        self.deps.policy.bound(check_context(options))
        return self._session.stream(prompt, **options)

    def resume(self, thread: str, answer: Mapping[str, Any] | None = None) -> Stream:
        """From its last finished node."""
        return self._session.resume_stream(thread, answer=answer)

    def fork(self, thread: str, after: int, prompt: str | None, verdicts: Mapping[str, str]) -> Stream:
        """As a run of its own."""
        return self.resume(self._session.fork(thread, after, prompt=prompt, verdicts=verdicts))
