"""What one server lets itself be asked: learnt from its refusals, remembered for all later calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..retry import RefusedRequestError
from .answers import strict_schema
from .mllm import Role

MODES = ("json_schema", "json_object", "text")
"""The structured-output ladder, from what binds a server most to what every server can do."""
LIMITS = ("max_tokens", "max_completion_tokens")
"""The old and the new name of one limit. OpenAI refuses both at once; a compatible server may know
only one of them and pass the other over, so it is sent both until it complains."""
FORMAT_WORDS = r"response.?format|json|schema|grammar|guided|structured"


class Dialect:
    """The form of requests to one server.

    Args:
        modes: the rungs of the ladder, highest first; "text" alone for what is no OpenAI-compatible
            server.
        limits: the names under which the server is told how long an answer may be.
        tokens: that length.
    """

    def __init__(self, modes: Sequence[str], limits: Sequence[str], tokens: int) -> None:
        self._modes = list(modes)
        self._limits = list(limits)
        self._tokens = tokens

    def body(self, role: Role[Any], mode: str) -> dict[str, Any]:
        """What a request of ``role`` says, besides its messages, about the form of the answer."""
        body: dict[str, Any] = dict.fromkeys(self._limits, self._tokens)
        if mode == "json_schema":
            schema = {"name": role.name, "schema": strict_schema(role.answer), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    @property
    def mode(self) -> str:
        """The highest rung not known to fail here."""
        return self._modes[0]

    def below(self, mode: str) -> str | None:
        """The rung under ``mode``; None: there is none."""
        rest = self._modes[self._modes.index(mode) + 1 :] if mode in self._modes else self._modes
        return rest[0] if rest else None

    def settle(self, mode: str) -> None:
        """Remembers that ``mode`` works and nothing above it does."""
        if mode in self._modes:
            del self._modes[: self._modes.index(mode)]

    def leave_out(self, refusal: RefusedRequestError, sent: Mapping[str, Any], mode: str) -> str | None:
        """Remembers what ``refusal`` names of ``sent``, not to send it again.

        Returns the rung for the next try; None: the refusal names nothing that could be left out.
        """
        for name in LIMITS:
            if name in sent and refusal.is_about(rf"\b{name}\b"):
                self._limits = [other for other in self._limits if other != name]
                return mode
        lower = self.below(mode)
        if lower is not None and refusal.is_about(FORMAT_WORDS):
            self.settle(lower)
            return lower
        return None
