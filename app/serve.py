"""`gems serve`: the graph, its routes and its keys behind langgraph-api, in one process."""

from __future__ import annotations

import ipaddress
import os
import socket
from importlib import import_module
from pathlib import Path

from ..errors import InputError
from ..memory.folders import make_folder
from ..settings import Settings, load_settings
from .http.keys import KeyRing, open_keys

STUDIO = "https://smith.langchain.com"
"""The page of LangGraph's Studio, which calls the server from the browser."""


def is_local(host: str) -> bool:
    """Whether a server on ``host`` is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_place(host: str, port: int, keys: KeyRing) -> None:
    """Checks that a server may listen there.

    Raises:
        InputError: others would reach it without a key, or the port is taken.
    """
    if not is_local(host) and not keys.any():
        raise InputError(
            f"{host} can be reached from other machines and there is no key: `gems keys add NAME` "
            "makes one, or serve on 127.0.0.1"
        )
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), port))
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise InputError(f"cannot listen on {host}:{port}: {reason}; choose another --port") from exc


def serve_until_ended(host: str, port: int, jobs: int, studio: bool) -> None:
    """Serves until the process is ended. What the server keeps of threads lies in the home.

    Raises:
        InputError: it may not listen there, or the server's packages are not installed.
    """
    settings = load_settings()
    check_place(host, port, open_keys(settings))
    try:
        run_server = import_module("langgraph_api.cli").run_server
    except ImportError as exc:
        raise InputError("the server is not installed: pip install 'gems-agent[server]'") from exc
    # langgraph-api keeps its threads in the folder that it is started in.
    os.chdir(make_folder(settings.root / "server"))
    file = str(Path(__file__).with_name("served.py"))
    print(f"gems: serving on http://{host}:{port}", flush=True)
    run_server(
        host,
        port,
        graphs={"gems": f"{file}:graph"},
        auth={"path": f"{file}:auth", "disable_studio_auth": True},
        http={
            "app": f"{file}:app",
            "disable_webhooks": True,
            "cors": {
                "allow_origins": origins(settings, studio),
                "allow_methods": ["*"],
                "allow_headers": ["*"],
            },
        },
        n_jobs_per_worker=jobs,
        env={"LANGGRAPH_NO_VERSION_CHECK": "true", "LANGGRAPH_STRICT_MSGPACK": "true"},
    )


def origins(settings: Settings, studio: bool) -> list[str]:
    """The pages that may call the server from a browser: none that nobody named."""
    named = [origin.strip() for origin in settings.origins.split(",") if origin.strip()]
    return [*named, *([STUDIO] if studio else [])]
