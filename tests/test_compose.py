"""The compose file holds together: its settings exist, what it names is there, nothing is open."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from compose_file import COMPOSE, FILE, PLACE, SERVICES, environment
from gems.app.cli import app
from gems.settings import Settings
from object_store import KEYS, ObjectStore
from pydantic import AliasChoices
from typer.testing import CliRunner

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs" / "deploy.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ("api", "bucket")
PORTS = {"postgres": 5432, "chroma": 8000, "objects": 7070}
"""What the images listen on: by themselves, or as their service tells them."""


def made_by_the_docs() -> set[str]:
    """The variables of the env file whose making docs/deploy.md shows."""
    body = DOCS.partition("cat > .env <<END\n")[2].partition("END")[0]
    return set(re.findall(r"^(\w+)=", body, re.M))


def known_variables() -> set[str]:
    names = set[str]()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        own = alias or f"GEMS_{name.upper()}"
        names |= {str(choice) for choice in (own.choices if isinstance(own, AliasChoices) else [own])}
    return names


def test_what_it_sets_are_settings_that_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    part = DOCS.partition("## One machine in containers")[2].partition("\n## ")[0]
    named = set(re.findall(r"\bGEMS_[A-Z_]+", part + DOCKERFILE + FILE.read_text()))
    assert named and named <= known_variables()
    for name, value in environment("api").items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert str(settings.root) == "/data" and settings.database_url and settings.objects


def test_what_has_no_default_is_in_the_env_file_that_the_docs_make() -> None:
    text = FILE.read_text()
    assert {found[1] for found in PLACE.finditer(text) if found[2] is None} == made_by_the_docs()
    assert all(SERVICES[service]["env_file"] == ".env" for service in OURS)
    assert "/.env" in (ROOT / ".gitignore").read_text().split()
    # What is not one of the two forms would go unseen.
    assert text.count("$") == len(list(PLACE.finditer(text)))


def test_every_volume_is_declared_and_used_once() -> None:
    mounts = [mount for item in SERVICES.values() for mount in item.get("volumes", [])]
    used = [mount.partition(":")[0] for mount in mounts]
    assert sorted(used) == sorted(COMPOSE["volumes"])
    assert SERVICES["api"]["volumes"] == ["home:/data"] and "VOLUME /data" in DOCKERFILE


def test_the_server_alone_is_published_and_to_this_machine_alone() -> None:
    published = {name: item["ports"] for name, item in SERVICES.items() if "ports" in item}
    assert published == {"api": ["127.0.0.1:2024:2024"]}
    assert all("network_mode" not in item for item in SERVICES.values())
    assert "http://127.0.0.1:2024/gems/health" in str(SERVICES["api"]["healthcheck"])


def test_services_that_are_waited_for_or_spoken_to_exist() -> None:
    for item in SERVICES.values():
        for name, wish in item.get("depends_on", {}).items():
            assert name in SERVICES
            assert wish["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]
    for name in ("GEMS_DATABASE_URL", "GEMS_CHROMA_URL", "GEMS_OBJECTS_URL"):
        url = urlsplit(environment("api")[name])
        assert PORTS[str(url.hostname)] == url.port and url.hostname in SERVICES


def test_both_sides_have_the_same_names_and_passwords() -> None:
    ours, database, objects = map(environment, ("api", "postgres", "objects"))
    url = urlsplit(ours["GEMS_DATABASE_URL"])
    assert (url.username, url.password) == (database["POSTGRES_USER"], database["POSTGRES_PASSWORD"])
    assert url.path == f"/{database['POSTGRES_DB']}"
    keys = objects["ROOT_ACCESS_KEY"], objects["ROOT_SECRET_KEY"]
    assert keys == (ours["AWS_ACCESS_KEY_ID"], ours["AWS_SECRET_ACCESS_KEY"])
    assert objects["VGW_PORT"] == f":{PORTS['objects']}"


def test_images_have_the_versions_that_are_tested() -> None:
    pins = (ROOT / "constraints.txt").read_text().split()
    assert "chromadb==" + SERVICES["chroma"]["image"].partition(":")[2] in pins
    assert all(":" in SERVICES[name]["image"] for name in PORTS)
    optional = re.search(r"'\.\[(.*)\]'", DOCKERFILE)
    assert optional and set(optional[1].split(",")) == {"server", "postgres", "s3"}


def test_the_server_does_not_start_before_there_is_a_key() -> None:
    program, *command = SERVICES["api"]["command"]
    result = CliRunner().invoke(app, command)
    assert (program, result.exit_code) == ("gems", 2)
    assert "0.0.0.0 can be reached from other machines and there is no key" in result.stderr


def test_the_docs_commands_name_a_service_and_a_command() -> None:
    commands = [shlex.split(line, comments=True) for line in re.findall(r"docker compose .*", DOCS)]
    inside = [words[words.index("api") + 1 :] for words in commands if "api" in words]
    assert ["gems", "keys", "add", "alice"] in inside and ["gems", "doctor"] in inside
    for program, *words in inside:
        assert program == "gems"
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


def test_the_bucket_is_made_once_and_found_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    program, option, script = SERVICES["bucket"]["command"]
    assert (program, option) == ("python", "-c")
    place = environment("bucket")["GEMS_OBJECTS"]
    with ObjectStore() as store:
        variables = {**KEYS, "GEMS_OBJECTS": place, "GEMS_OBJECTS_URL": store.url}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for _ in range(2):
            exec(script, {})
        assert store.names(place) == []
