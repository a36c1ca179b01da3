"""`gems serve`: the graph, its routes and its keys behind langgraph-api, in one process."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from importlib import import_module
from pathlib import Path

from ..errors import InputError
from ..settings import Settings, change_settings, load_settings
from .heaps import keep_heaps_small
from .http.keys import KeyRing, open_keys
from .server_folder import server_folder

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
    keep_heaps_small()
    settings = load_settings()
    check_place(host, port, open_keys(settings))
    settings = settle(settings, address(host, port), studio and is_local(host))
    try:
        run_server = import_module("langgraph_api.cli").run_server
    except ImportError as exc:
        raise InputError("the server is not installed: pip install 'gems-agent[server]'") from exc
    with server_folder(settings, port) as folder:
        asyncio.run(make_ready(folder))
        # langgraph-api keeps its threads in the folder that it is started in.
        os.chdir(folder)
        print(f"gems: serving on {address(host, port)}", flush=True)
        if folder != settings.server_folder:
            print(f"gems: another server of this home was first; threads are in {folder}", flush=True)
        file = str(Path(__file__).with_name("served.py"))
        run_server(
            host,
            port,
            graphs={"gems": f"{file}:graph"},
            auth={"path": f"{file}:auth", "disable_studio_auth": True},
            checkpointer={"backend": "custom", "path": f"{file}:checkpointer"},
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


def settle(settings: Settings, url: str, whole: bool) -> Settings:
    """The settings of the server's process, which leaves the folder that it was started in.

    Args:
        settings: as they were read.
        url: where the server is.
        whole: whether pictures without a public URL are named by ``url``: Studio is another site.
    """
    public = settings.public_url or (url if whole else None)
    return change_settings(
        home=settings.root,
        public_url=public,
        skills=os.pathsep.join(map(settled, settings.skills.split(os.pathsep))),
        prompts=settled(settings.prompts),
        prices=Path(settled(str(settings.prices))) if settings.prices else None,
        mllm=settled_spec(settings.mllm),
        generator=settled_spec(settings.generator),
    )


def settled(folder: str) -> str:
    """A folder as it is called from anywhere; none stays none."""
    return str(Path(folder.strip()).expanduser().absolute()) if folder.strip() else folder


def settled_spec(spec: str) -> str:
    """A model's name with its file as it is called from anywhere."""
    kind, _, rest = spec.partition(":")
    if kind in ("record", "replay"):
        file, colon, model = rest.partition(":")
        return f"{kind}:{settled(file)}{colon}{model}"
    there = kind == "diffusers" and Path(rest).expanduser().exists()
    return f"{kind}:{settled(rest)}" if there else spec


def address(host: str, port: int) -> str:
    """Where a server on ``host`` is."""
    bare = host.strip("[]")
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"


async def make_ready(folder: Path) -> None:
    """Makes the file of the threads' steps, and takes over what earlier versions kept otherwise.

    Raises:
        StorageError: a file of theirs cannot be used.
    """
    from ..memory.server_checkpoints import open_server_checkpoints
    from ..memory.server_takeover import TAKEN, take_over

    async with open_server_checkpoints(folder) as saver:
        threads = await take_over(folder, saver)
    if threads:
        kept = folder / ".langgraph_api" / f"*{TAKEN}"
        print(f"gems: took over the steps of {threads} threads; {kept} may be deleted", flush=True)


def origins(settings: Settings, studio: bool) -> list[str]:
    """The pages that may call the server from a browser: none that nobody named."""
    named = [origin.strip() for origin in settings.origins.split(",") if origin.strip()]
    return [*named, *([STUDIO] if studio else [])]
