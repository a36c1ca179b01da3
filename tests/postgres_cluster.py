"""A PostgreSQL of the test's own, on loopback, as Debian's package brings it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import pytest
from graph_server import free_port

PASSWORD = "s3cret-Word"


def binaries() -> Path:
    """Where initdb lies. Where it is missing the test is skipped, in CI it fails."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        message = "PostgreSQL is not installed: make servers"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found[-1].parent if found else Path(str(on_path)).parent


class Cluster:
    """``with Cluster() as cluster: cluster.url``. It refuses to run as root, so root hands it over."""

    def __init__(self) -> None:
        self._bin = binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="gems-pg-"))
        self._data = self._folder / "data"
        self.port = free_port()
        self.url = f"postgresql://gems:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Cluster:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        options = ["-U", "gems", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync"]
        self._call("initdb", "-D", str(self._data), *options)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -F"
        log = str(self._folder / "data" / "server.log")
        self._call("pg_ctl", "-D", str(self._data), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._call("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop", check=False)

    def execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self, name: str) -> str:
        """The URL of an empty database."""
        self.execute(f"CREATE DATABASE {name}")
        return self.url.replace("/postgres", f"/{name}")

    def cut_connections(self) -> None:
        """Ends every connection but this one, as a failover or an idle limit does."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def _call(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
