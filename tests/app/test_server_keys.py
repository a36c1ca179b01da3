"""The keys of a graph server: made, listed, revoked, kept as hashes; where one may serve."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from gems.app.cli import app
from gems.app.http.accounts import KeyAccounts
from gems.app.http.guard import Guard
from gems.app.http.keys import KeyRing
from gems.app.http.links import Links
from gems.app.serve import check_place
from gems.errors import InputError, StorageError
from gems.memory.documents import FileDocuments
from gems.memory.spending import FileSpending, this_month
from gems.nodes.context import RunContext
from gems.nodes.policy import Policy, policy_of
from gems.settings import Settings, load_settings
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from typer.testing import CliRunner


def gems(*command: str) -> Any:
    return CliRunner().invoke(app, list(command))


def test_a_key_is_told_once_listed_and_revoked(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "home")
    made = json.loads(gems("keys", "add", "alice", "--json").stdout)
    assert ring.owner_of(made["key"]) == "alice" and ring.any()
    kept = (tmp_path / "home" / "keys.json").read_text()
    assert made["key"] not in kept and made["key"].split("_", 2)[2] not in kept
    assert (tmp_path / "home" / "keys.json").stat().st_mode & 0o077 == 0
    assert "alice" in gems("keys", "list").stdout and "in force" in gems("keys", "list").stdout
    assert gems("keys", "revoke", made["id"]).exit_code == 0
    assert ring.owner_of(made["key"]) is None and ring.wanted() and not ring.any()
    assert "revoked" in gems("keys", "list").stdout


@pytest.mark.parametrize("command", [("add", "A B"), ("add", ""), ("add", "../x"), ("revoke", "none")])
def test_what_names_nobody_is_one_line(command: tuple[str, str]) -> None:
    said = gems("keys", *command)
    assert said.exit_code == 2 and len(said.stderr.splitlines()) == 1


def test_keys_that_cannot_be_read_let_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[{")
    with pytest.raises(StorageError, match="cannot be read"):
        KeyRing(tmp_path).wanted()


def test_beyond_the_machine_nothing_listens_without_a_key(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    for host in ("0.0.0.0", "::", "192.168.1.4", "example.org"):
        with pytest.raises(InputError, match="gems keys add"):
            check_place(host, 2024, ring)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="--port"):
            check_place("127.0.0.1", taken.getsockname()[1], ring)


def test_an_address_is_signed_for_one_picture_and_a_while(tmp_path: Path) -> None:
    places = [FileDocuments(tmp_path)]
    links, other = Links(places, 60), Links(places, -60)
    query = dict(part.split("=") for part in links.sign("aa").split("&"))
    assert links.opens("aa", **query) and not links.opens("ab", **query)
    assert not other.opens("aa", **dict(part.split("=") for part in other.sign("aa").split("&")))


def test_limits_bound_what_is_left_out_and_refuse_what_goes_beyond() -> None:
    policy = policy_of(Settings(limit_rounds=3, limit_side=512, allow="openai:gpt-*"))
    bound = policy.bound(RunContext(width=512))
    assert (bound.rounds, bound.width, bound.height, bound.max_seconds) == (3, 512, None, 3600)
    for refused in ({"rounds": 4}, {"height": 513}, {"mllm": "openai:o1"}, {"max_seconds": 1e6}):
        with pytest.raises(InputError, match="this server"):
            policy.bound(RunContext.model_validate(refused))
    assert policy.bound(RunContext(mllm="openai:gpt-9")).mllm == "openai:gpt-9"
    assert Policy().bound(RunContext(mllm="openai:o1", rounds=50)).rounds == 50
    assert policy.bound(RunContext(max_cost=1e9)).max_cost == 1e9
    thrifty = policy_of(Settings(limit_cost=0.5))
    assert thrifty.bound(RunContext()).max_cost == 0.5
    assert thrifty.bound(RunContext(max_cost=0.2)).max_cost == 0.2
    with pytest.raises(InputError, match="max_cost = 0.6: this server allows at most 0.5"):
        thrifty.bound(RunContext(max_cost=0.6))


def test_what_a_key_may_spend_is_set_listed_and_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prices.toml").write_text("[embedded]\ninput = 0\noutput = 0\npicture = 0.5\n")
    refused = gems("keys", "add", "alice", "--max-cost", "5")
    assert refused.exit_code == 2 and "GEMS_PRICES" in refused.stderr
    assert KeyRing(tmp_path / "home").all() == []
    monkeypatch.setenv("GEMS_PRICES", str(tmp_path / "prices.toml"))
    load_settings.cache_clear()
    made = json.loads(gems("keys", "add", "alice", "--max-cost", "5", "--json").stdout)
    gems("keys", "add", "bob")
    spending = FileSpending(tmp_path / "home" / "spending")
    spending.add(made["id"], this_month(), 1.25)
    spending.add(made["id"], "2020-01", 4.0)
    assert "alice  cost 1.25 of 5.00 this month" in gems("keys", "list").stdout
    [alice, bob] = json.loads(gems("keys", "list", "--json").stdout)
    assert (alice["spent"], alice["max_cost"], bob["max_cost"]) == (1.25, 5.0, None)
    assert gems("keys", "cap", made["id"], "1").exit_code == 0
    ring = KeyRing(tmp_path / "home")
    accounts = KeyAccounts(ring, spending)
    account = accounts({"identity": "alice", "key": made["id"]})
    assert account is not None and account.left() == -0.25
    assert account.refusal().startswith(f"the key {made['id']} of alice has spent 1.25 of the 1.00")
    assert accounts({"identity": "alice"}) is not None and accounts({"identity": "local"}) is None
    assert (
        gems("keys", "cap", made["id"]).exit_code == 0 and "of 1.00" not in gems("keys", "list").stdout
    )
    for wrong in (("cap", "none", "1"), ("cap", made["id"], "nan"), ("add", "x", "--max-cost", "-1")):
        said = gems("keys", *wrong)
        assert said.exit_code == 2 and len(said.stderr.splitlines()) >= 1


def test_keys_of_earlier_versions_have_no_cap(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.add("alice")
    kept = json.loads((tmp_path / "keys.json").read_text())
    for key in kept:
        del key["max_cost"]
    (tmp_path / "keys.json").write_text(json.dumps(kept))
    [key] = KeyRing(tmp_path).all()
    assert key.max_cost is None


def test_where_nobody_counts_a_key_with_a_cap_begins_nothing(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    (_, capped), (_, free) = ring.add("alice", 5.0), ring.add("bob")

    async def well(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("well")(scope, receive, send)

    page = TestClient(Guard(well, ring, Policy()))
    for key, status in ((capped, 402), (free, 200)):
        headers = {"Authorization": f"Bearer {key}"}
        assert page.post("/runs", headers=headers).status_code == status
        assert page.get("/runs", headers=headers).status_code == 200
