"""Finds out who pays for a task: from its run's state, its notes, and whoever began the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..memory.ledger import cost_so_far
from ..memory.older import completed
from .context import RunContext
from .dependencies import Accounts, Dependencies
from .paid import money_noted
from .purse import Account, Payer, Purse

if TYPE_CHECKING:
    from langgraph.runtime import Runtime

CALLER = "langgraph_auth_user"
"""Where servers put who asked for a run, beside what its sender configured."""


async def payer_for(
    deps: Dependencies, state: Any, runtime: Runtime[RunContext], *, begins: bool
) -> Payer:
    """Who pays for a task of a run.

    Args:
        begins: whether it is the run's first, so that what the state has is of another run.

    Raises:
        InputError: money is capped, and what the run costs cannot be known.
        BudgetError: the run begins, and who began it may not spend anything.
        StorageError: what they spent cannot be read.
    """
    account = None if deps.accounts is None else await asyncio.to_thread(account_for, deps.accounts)
    cap = runtime.context.max_cost
    if cap is None and (account is None or await asyncio.to_thread(account.left) is None):
        return Payer(Purse(), None, account)
    deps.check_prices(runtime.context)
    purse = await purse_for(deps, state, runtime, begins=begins)
    pot = deps.purses.pot(account.name) if account else None
    payer = Payer(purse or Purse(), cap, account, capped=True, pot=pot)
    if purse is None:
        payer.refused = state["exhausted"]
    elif begins:
        await payer.check()
    return payer


def account_for(accounts: Accounts) -> Account | None:
    """The account of who asked for the run at work. May block."""
    asked = caller()
    return accounts(asked) if asked else None


def caller() -> Mapping[str, str]:
    """Who asked for the run at work, as the server that runs it says: ``identity`` and, where it keeps
    that, ``key``; nothing outside of a server."""
    from langgraph.config import get_config

    user = (get_config().get("configurable") or {}).get(CALLER)
    if user is None:
        return {}
    found = {name: field_of(user, name) for name in ("identity", "key")}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def field_of(user: Any, name: str) -> object:
    """A field of a user, which servers hand over as a mapping or as an object."""
    if isinstance(user, Mapping):
        return user.get(name)
    try:
        return getattr(user, name, None)
    # The object of langgraph-api raises KeyError for a field that there is not.
    except KeyError:
        return None


async def purse_for(
    deps: Dependencies, state: Any, runtime: Runtime[RunContext], *, begins: bool
) -> Purse | None:
    """What a run has spent, which its tasks count in together; None: what is not known of it is why
    nothing is paid any more.

    Raises:
        InputError: it is not known.
    """
    info = runtime.execution_info
    thread = info.thread_id if info else None
    if begins:
        if thread is not None:
            # A run that ended by an error leaves notes, which are none of the next one's.
            await asyncio.to_thread(deps.paid.drop, thread)
        return deps.purses.new()
    spent = state.get("cost") if "candidate" in state else cost_so_far(completed(state))
    if spent is None and not state.get("exhausted"):
        raise InputError(
            "money is capped, and what this run has cost so far is not known: it began without prices, "
            "or with a model that has none; begin it anew"
        )
    if spent is None or thread is None:
        step = info.checkpoint_id if info else ""
        return None if spent is None else deps.purses.of(step, spent, lambda: 0.0)
    return await asyncio.to_thread(
        deps.purses.of, thread, spent, lambda: money_noted(deps.paid, thread)
    )
