"""An object store that speaks S3, on loopback, with the keys that the environment names."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

KEYS = {
    "AWS_ACCESS_KEY_ID": "the-tests-key",
    "AWS_SECRET_ACCESS_KEY": "the-tests-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class ObjectStore:
    """``with ObjectStore() as store: store.url``; what it holds goes with it."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server: Any = ThreadedMotoServer("127.0.0.1", 0, verbose=False)

    def __enter__(self) -> ObjectStore:
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.stop()

    def client(self) -> Any:
        import boto3

        keys = {
            "aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"],
        }
        session = boto3.Session(region_name="us-east-1", **keys)
        return session.client("s3", endpoint_url=self.url)

    def new_place(self) -> str:
        """The name of an empty place, in a bucket of its own."""
        bucket = f"gems-{secrets.token_hex(4)}"
        self.client().create_bucket(Bucket=bucket)
        return f"s3://{bucket}/pictures"

    def names(self, place: str) -> list[str]:
        """Everything that lies in a place's bucket."""
        found = self.client().list_objects_v2(Bucket=place.split("/")[2])
        return [item["Key"] for item in found.get("Contents", ())]


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    with ObjectStore() as running:
        yield running


@pytest.fixture
def object_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
