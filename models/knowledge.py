"""Where facts are looked up that a request leans on: a LangChain retriever or tool, or a function.

None by default. ``GEMS_KNOWLEDGE`` names one: ``package.module:attribute``, or what a package adds by
an entry point ``NAME = "package.module:open_function"`` in the group ``gems.knowledge``; the function
is given the name and the settings.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import operator
from collections.abc import Awaitable, Callable
from typing import Any, cast

from ..errors import InputError, UnreachableError
from ..settings import Settings
from .registry import Registry
from .text import clean_text

PASSAGES, LENGTH = 3, 1000
"""What is taken of a look-up: passages, and characters of each."""


class Knowledge:
    """Looks things up in one source.

    Args:
        source: a LangChain retriever or tool (what has ``ainvoke``), or a function of a text, plain or
            async, that returns a text, documents or a list of them.
        name: for messages.
        seconds: how long one look-up may take.
    """

    def __init__(self, source: Any, name: str, seconds: float) -> None:
        self.name = name
        self._source = source
        self._seconds = seconds

    async def find(self, query: str) -> list[str]:
        """What the source says about ``query``, the best first; empty: nothing.

        Raises:
            UnreachableError: it failed or was too slow.
        """
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._ask(query)
        except TimeoutError as exc:
            raise UnreachableError(
                f"{self.name} found nothing within {self._seconds:g} s: going on without it"
            ) from exc
        # Other people's code may raise anything.
        except Exception as exc:
            reason = " ".join(f"{type(exc).__name__}: {exc}".split())[:200]
            raise UnreachableError(f"{self.name} failed ({reason}): going on without it") from exc
        return passages_in(found)

    async def _ask(self, query: str) -> Any:
        if hasattr(self._source, "ainvoke"):
            return await self._source.ainvoke(query)
        if inspect.iscoroutinefunction(self._source):
            return await cast(Callable[[str], Awaitable[Any]], self._source)(query)
        return await asyncio.to_thread(self._source, query)


def passages_in(found: Any) -> list[str]:
    """The texts in whatever a source returned: texts, LangChain documents, or dictionaries with one."""
    items = found if isinstance(found, list | tuple) else [found]
    texts = [" ".join(clean_text(text_in(item)).split())[:LENGTH] for item in items]
    return [text for text in texts if text][:PASSAGES]


def text_in(item: Any) -> str:
    """The text of one thing found; of what holds none, how it is written."""
    if item is None:
        return ""
    if isinstance(item, dict):
        names = ("page_content", "content", "text", "snippet", "answer")
        return str(next((item[name] for name in names if item.get(name)), item))
    return str(getattr(item, "page_content", None) or getattr(item, "content", None) or item)


SOURCES: Registry[Any] = Registry("knowledge source", "gems.knowledge", {"MODULE:ATTRIBUTE": ""})


def open_knowledge(settings: Settings) -> Knowledge | None:
    """The source that the settings name; None: they name none.

    Raises:
        InputError: it cannot be found or used.
    """
    spec = settings.knowledge
    if not spec:
        return None
    source = imported(spec) if ":" in spec and "/" not in spec else SOURCES.open(spec, settings)
    if not (hasattr(source, "ainvoke") or callable(source)):
        raise InputError(
            f"GEMS_KNOWLEDGE={spec} is no retriever, tool or function: name what has ainvoke, or a "
            "function of a text"
        )
    return Knowledge(source, spec, settings.knowledge_timeout)


def imported(spec: str) -> Any:
    """What ``module:attribute`` names.

    Raises:
        InputError: there is no such thing, or its module cannot be imported.
    """
    module, _, attribute = spec.partition(":")
    try:
        return operator.attrgetter(attribute)(importlib.import_module(module))
    # Another package's module may raise anything while it is imported.
    except Exception as exc:
        reason = " ".join(f"{type(exc).__name__}: {exc}".split())[:200]
        raise InputError(
            f"GEMS_KNOWLEDGE={spec} cannot be imported ({reason}): name it package.module:attribute"
        ) from exc
