"""What one server lets itself be asked: learnt from its refusals, remembered for all later calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..retry import RefusedRequestError
from .answers import strict_schema, wordless
from .mllm import Role

MODES = ("json_schema", "json_object", "text")
"""The structured-output ladder, from what binds a server most to what every server can do."""
LIMITS = ("max_tokens", "max_completion_tokens")
"""The old and the new name of one limit. OpenAI refuses both at once; a compatible server may know
only one of them and pass the other over, so it is sent both until it complains."""
WEIGHTS = {"logprobs": True, "top_logprobs": 5}
"""What makes a server tell how likely each token was."""
OPTIONAL = (*LIMITS, "temperature", "top_logprobs", "logprobs")
FORMAT_WORDS = r"response.?(?:format|schema)|json|schema|grammar|guided|structured|additionalproperties"
BOILERPLATE = re.compile(r"Invalid JSON payload received", re.IGNORECASE)
"""Words of Google's before any unknown field; they are not about the form of the answer."""
TOO_LONG = r"context.?(?:length|window)|in the completion"
"""A window that is smaller than the limit: without a limit the server takes its own."""
NAMELESS = re.compile(
    r"\W*(?:error\W+)?(?:no reason given|bad request|(?:the )?request contains an invalid argument"
    r"|invalid (?:argument|request|parameters?|input)|invalid_?argument|invalid_request_error"
    r"|no endpoints found that can handle the requested parameters.*"
    r"|unprocessable (?:entity|content)|provider returned error|error|not implemented)?\W*",
    re.IGNORECASE,
)
"""What a server says that says nothing: something of the request is wrong."""


class Dialect:
    """The form of requests to one server.

    Args:
        modes: the rungs of the ladder, highest first; "text" alone for what is no OpenAI-compatible
            server.
        limits: the names under which the server is told how long an answer may be.
        tokens: that length.
        temperature: the sampling temperature; None: the server's own.
        weigh: ask for tokens' likelihoods, for the roles that want them.
    """

    def __init__(
        self,
        modes: Sequence[str],
        limits: Sequence[str],
        tokens: int,
        temperature: float | None = None,
        weigh: bool = False,
    ) -> None:
        self._modes = list(modes)
        self._optional: dict[str, float] = dict.fromkeys(limits, tokens)
        self._optional |= WEIGHTS if weigh else {}
        if temperature is not None:
            self._optional["temperature"] = temperature

    def copy(self) -> Dialect:
        """The same, to try out what a refusal may mean."""
        twin = Dialect(self._modes, (), 0)
        twin._optional = dict(self._optional)
        return twin

    def adopt(self, tried: Dialect) -> None:
        """Remembers what ``tried``, a copy, went without: the server has answered it."""
        for name in self._optional.keys() - tried._optional.keys():
            del self._optional[name]
        self._modes = [mode for mode in self._modes if mode in tried._modes]

    def body(self, role: Role[Any], mode: str) -> dict[str, Any]:
        """What a request of ``role`` says, besides its messages, about the form of the answer."""
        body: dict[str, Any] = dict(self._optional)
        if not role.weighs:
            body = {name: value for name, value in body.items() if name not in WEIGHTS}
        if mode == "json_schema":
            form = wordless(strict_schema(role.answer))
            schema = {"name": role.name, "schema": form, "strict": True}
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

    def leave_out(
        self, refusal: RefusedRequestError, body: Mapping[str, Any], mode: str, sent: str = ""
    ) -> str | None:
        """Goes without what ``refusal`` names of ``body``.

        Args:
            sent: the messages, whose words the server may repeat without meaning them.

        Returns the rung for the next try; None: the refusal names nothing that could be left out.
        """
        refusal.said = BOILERPLATE.sub("", refusal.said)
        for name in self._named(refusal, body, sent):
            # The two go together: servers refuse the one without the other.
            for gone in WEIGHTS if name in WEIGHTS else (name,):
                self._optional.pop(gone, None)
            return mode
        lower = self.below(mode)
        nameless = NAMELESS.fullmatch(refusal.said) is not None
        if lower is not None and (nameless or refusal.is_about(FORMAT_WORDS, sent)):
            self.settle(lower)
            return lower
        return None

    def _named(self, refusal: RefusedRequestError, body: Mapping[str, Any], sent: str) -> Iterator[str]:
        """The optional fields of ``body`` that ``refusal`` is about, the likeliest first."""
        optional = [name for name in OPTIONAL if name in body]
        yield from (name for name in optional if refusal.is_about(rf"\b{name}\b", sent))
        limits = [name for name in LIMITS if name in body]
        if refusal.is_about(TOO_LONG, sent):
            yield from limits
        if NAMELESS.fullmatch(refusal.said):
            yield from (name for name in WEIGHTS if name in body)
        # Of two names for one limit the newer is the one that fewer servers know.
        if len(limits) > 1 and NAMELESS.fullmatch(refusal.said):
            yield limits[-1]
