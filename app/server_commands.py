"""``gems serve``, ``gems ui`` and ``gems keys``: the graph for programs, for people, who may come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from .command import Json, one_line_errors

if TYPE_CHECKING:
    from .http.keys import KeyRing

keys_app = typer.Typer(help="The keys of a graph server's callers.", no_args_is_help=True)


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 2024,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at work at the same time.")] = 10,
    studio: Annotated[bool, typer.Option("--studio", help="Let LangGraph's Studio call it.")] = False,
) -> None:
    """Serve the graph, its pictures and reports to LangGraph clients."""
    with one_line_errors():
        from .serve import serve_until_ended

        serve_until_ended(host, port, jobs, studio)


def ui(
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 2025,
    url: Annotated[
        Optional[str],
        typer.Option(help="A graph server whose runs are shown. [those of this home]", metavar="URL"),
    ] = None,
) -> None:
    """Open GEMS as a web page: draw, watch, steer, look back, compare."""
    with one_line_errors():
        from .ui.serve import serve_page

        serve_page(host, port, url)


@keys_app.command("add")
def add_key(
    owner: Annotated[str, typer.Argument(help="Whose key; one owner may have several.")],
    max_cost: Annotated[
        Optional[float],
        typer.Option(help="What its runs may cost in a calendar month (UTC), by GEMS_PRICES. [any]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it; it is not shown again."""
    with one_line_errors():
        if max_cost is not None:
            check_that_it_is_priced()
        key, text = key_ring().add(owner, max_cost)
        print(json.dumps({"id": key.id, "owner": owner, "key": text}) if as_json else text)


@keys_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys: whose, since when, revoked or not, what they have spent this month."""
    with one_line_errors():
        from ..memory.spending import open_spending
        from ..settings import load_settings
        from .http.accounts import KeyAccounts
        from .tables import keys_table

        ring = key_ring()
        accounts = KeyAccounts(ring, open_spending(load_settings()))
        keys = [(key, accounts.of(key).spent()) for key in ring.all()]
        if as_json:
            listed = [{**key.model_dump(exclude={"digest"}), "spent": spent} for key, spent in keys]
            print(json.dumps(listed))
            return
        keys_table(keys)


@keys_app.command("cap")
def cap_key(
    number: Annotated[str, typer.Argument(help="The key's id, as the list shows it.", metavar="ID")],
    max_cost: Annotated[
        Optional[float],
        typer.Argument(help="What its runs may cost in a calendar month (UTC). [any]"),
    ] = None,
) -> None:
    """Have a key's runs cost so much a month at most, also those at work."""
    with one_line_errors():
        from ..models.prices import money_text

        if max_cost is not None:
            check_that_it_is_priced()
        key = key_ring().cap(number, max_cost)
        most = "without a cap" if max_cost is None else f"capped at {money_text(max_cost)} a month"
        print(f"{key.id} of {key.owner} is {most}")


@keys_app.command("revoke")
def revoke_key(
    number: Annotated[str, typer.Argument(help="The key's id, as the list shows it.", metavar="ID")],
) -> None:
    """Have a key open nothing any more, at once."""
    with one_line_errors():
        key = key_ring().revoke(number)
        print(f"{key.id} of {key.owner} is revoked")


def check_that_it_is_priced() -> None:
    """Checks that money can be counted with the models of the settings.

    Raises:
        InputError: one of them has no price.
    """
    from ..models.prices import read_prices
    from ..settings import load_settings

    settings = load_settings()
    read_prices(settings.prices).check(settings.generator, [settings.mllm])


def key_ring() -> KeyRing:
    """The keys of the home that the settings name."""
    from ..settings import load_settings
    from .http.keys import open_keys

    return open_keys(load_settings())
