"""What the keys of a graph server may spend in a month, and have spent."""

from __future__ import annotations

from collections.abc import Mapping

from ...memory.spending import Spending, this_month
from ...models.prices import money_text
from .keys import Key, KeyRing

DECIMALS = 9
"""Of money; what sums of prices are off by does not count."""


class KeyAccount:
    """The account of one key; see ``Account``."""

    def __init__(self, key: Key, spending: Spending) -> None:
        self._key = key
        self._spending = spending

    @property
    def name(self) -> str:
        """See ``Account``."""
        return self._key.id

    def spent(self) -> float:
        """What was spent with it this month. May block."""
        return self._spending.spent(self._key.id, this_month())

    def left(self) -> float | None:
        """See ``Account``."""
        cap = self._key.max_cost
        return None if cap is None else round(cap - self.spent(), DECIMALS)

    def refusal(self) -> str:
        """See ``Account``."""
        key, cap = self._key, self._key.max_cost or 0.0
        return (
            f"the key {key.id} of {key.owner} has spent {money_text(self.spent())} of the "
            f"{money_text(cap)} that it may in {this_month()}: its operator can raise that with "
            f"`gems keys cap {key.id} MORE`, or wait for the next month (UTC)"
        )

    def charge(self, money: float) -> None:
        """See ``Account``."""
        self._spending.add(self._key.id, this_month(), money)


class KeyAccounts:
    """The accounts of a system's keys; see ``Accounts``."""

    def __init__(self, keys: KeyRing, spending: Spending) -> None:
        self._keys = keys
        self._spending = spending

    def __call__(self, caller: Mapping[str, str]) -> KeyAccount | None:
        """The account of whoever a server says asked for a run. One that keeps the owner alone has runs
        charged to the owner's first key that is in force. May block."""
        keys = self._keys.all()
        found = [key for key in keys if key.id == caller.get("key")] or [
            key for key in keys if key.owner == caller.get("identity") and key.revoked is None
        ]
        return self.of(found[0]) if found else None

    def of(self, key: Key) -> KeyAccount:
        """The account of a key."""
        return KeyAccount(key, self._spending)
