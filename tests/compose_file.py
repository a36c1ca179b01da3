"""The checkout's compose file, as Compose would read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[1] / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PLACE = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?)\}")
"""What is filled in, with its default or out of the env file."""


def environment(service: str) -> dict[str, str]:
    """A service's variables, with one word for every password."""
    given = SERVICES[service].get("environment", {})
    return {name: PLACE.sub(lambda found: found[2] or "0f3c", value) for name, value in given.items()}
