"""What models cost: the operator's own list, by the specs that open them. No price is ever guessed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from ..errors import Cost, InputError

Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""In whatever currency the operator writes the list."""
MILLION = 1_000_000


class Price(BaseModel):
    """What one model costs; what is left out is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Money | None = None
    """A million tokens that the model reads."""
    output: Money | None = None
    """A million tokens that it writes."""
    call: Money | None = None
    """A request to an MLLM or a judge, beside its tokens."""
    picture: Money | None = None
    """A picture that a generator draws."""

    @model_validator(mode="after")
    def _counts_both_ways(self) -> Self:
        if (self.input is None) != (self.output is None):
            raise ValueError("input and output go together; 0 for what is free")
        return self

    @property
    def by_tokens(self) -> bool:
        """Whether its calls cost by what they hold."""
        return bool(self.input or self.output)

    @property
    def prices_calls(self) -> bool:
        """Whether it says what a call costs."""
        return self.input is not None or self.call is not None

    def of(self, cost: Cost) -> float:
        """What the requests and tokens of ``cost`` come to."""
        return self.total(cost.requests, cost.input_tokens, cost.output_tokens)

    def total(
        self, calls: float, input_tokens: float, output_tokens: float, pictures: float = 0.0
    ) -> float:
        """What so much comes to; what has no price counts nothing."""
        tokens = input_tokens * (self.input or 0) + output_tokens * (self.output or 0)
        return tokens / MILLION + calls * (self.call or 0) + pictures * (self.picture or 0)


FREE = Price(input=0, output=0, call=0, picture=0)
"""The embedded models run in the process itself."""
ENTRIES = TypeAdapter(dict[str, Price])


class Prices:
    """A price list.

    Args:
        entries: prices by spec, in which ``*`` stands for any characters; a spec's own entry counts
            before those with one, and of those the first.
    """

    def __init__(self, entries: Mapping[str, Price]) -> None:
        self._entries = dict(entries)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def calls(self, name: str) -> Price | None:
        """What calls of the MLLM or judge of that spec cost; None: there is no price for it."""
        price = self._of(name)
        return price if price is not None and price.prices_calls else None

    def picture(self, name: str) -> float | None:
        """What a picture of the generator of that spec costs; None: there is no price for it."""
        price = self._of(name)
        return None if price is None else price.picture

    def check(self, generator: str, callers: Iterable[str]) -> None:
        """Checks that it can be known what a run with these models costs.

        Args:
            generator: the spec of the one that draws.
            callers: the specs of MLLMs and judges.

        Raises:
            InputError: one of them has no price; the message names it.
        """
        callers = list(callers)
        if not self and {generator, *callers} == {"embedded"}:
            raise InputError(
                "money is capped, and GEMS_PRICES names no price list: the embedded models cost "
                "nothing, so leave out the cap, or name the list of your own models"
            )
        if self.picture(generator) is None:
            raise missing_price(generator, "a picture")
        for name in callers:
            if self.calls(name) is None:
                raise missing_price(name, "a call")

    def _of(self, name: str) -> Price | None:
        if not self._entries:
            return None
        usual = FREE if name == "embedded" else None
        matching = (price for rule, price in self._entries.items() if fnmatchcase(name, rule))
        return self._entries.get(name) or next(matching, usual)


NO_PRICES = Prices({})


def read_prices(path: Path | None) -> Prices:
    """The list in a TOML file: a table a spec, ``["openai:gpt-5"]`` with ``input`` and ``output``.

    Raises:
        InputError: it cannot be read, or is none; the message names the entry.
    """
    if path is None:
        return NO_PRICES
    try:
        return Prices(ENTRIES.validate_python(tomllib.loads(path.expanduser().read_text("utf-8"))))
    except OSError as exc:
        raise InputError(f"cannot read the prices in {path}: {exc.strerror}") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise InputError(f"the prices in {path} cannot be used: {place}: {problem}") from exc
    # No TOML, or no UTF-8.
    except ValueError as exc:
        raise InputError(f"the prices in {path} are no TOML: {exc}") from exc


def money_text(money: float) -> str:
    """Money as people read it: cents, and of less what there is: 12.50, 0.0123."""
    return f"{money:.2f}" if money >= 1 or not money else f"{money:.4g}"


def missing_price(name: str, what: str) -> InputError:
    """What somebody is told who caps the money of a model without a price; ``what``: a picture, or a
    call."""
    example = "picture = 0.04" if what == "a picture" else "input = 1.25 and output = 10.0"
    return InputError(
        f"money is capped, and there is no price for {what} of {name!r}: put [{name!r}] with {example} "
        "into the file that GEMS_PRICES names"
    )
