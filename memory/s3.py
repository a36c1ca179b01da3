"""Objects in a store that speaks S3: Amazon's, MinIO, Ceph, Garage, SeaweedFS and others.

Who may write there is boto3's to find out: the AWS_* variables, its files, or the machine's role.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..errors import InputError, StorageError
from ..settings import Settings
from .forks import forget_in_children
from .objects import Objects

T = TypeVar("T")
AWAY_SECONDS = 30.0
"""How long a store may be away, for a restart, until what is to be stored counts as lost."""
MISSING = ("404", "NoSuchKey", "NotFound")
ADVICE = {
    "NoSuchBucket": "create the bucket, or name another in GEMS_OBJECTS",
    "AccessDenied": "let whoever the AWS_* variables name read, write, delete and list there",
    "403": "let whoever the AWS_* variables name read, write, delete and list there",
    "InvalidAccessKeyId": "check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the credentials have ended: renew them",
}
"""What to do by a store's code."""


def open_objects(settings: Settings) -> Objects | None:
    """The store that the settings name; None: they name none. Nothing is asked of it yet.

    Raises:
        InputError: what it needs is not installed.
    """
    if not settings.objects:
        return None
    try:
        import boto3  # noqa: F401
    except ImportError as exc:
        raise InputError(
            "GEMS_OBJECTS needs what is not installed here: pip install 'gems-agent[s3]'"
        ) from exc
    return S3Objects(settings.objects, settings.objects_url)


class S3Objects:
    """What lies below ``place``, ``s3://BUCKET/PREFIX``, of the store at ``url`` (None: Amazon's)."""

    def __init__(self, place: str, url: str | None = None) -> None:
        parts = urlsplit(place)
        self._bucket = parts.netloc
        self._prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self._url = url
        self.where = place
        self.forget()
        forget_in_children(self)

    def forget(self) -> object:
        """See ``Forgets``: the connections are the parent's."""
        inherited = vars(self).get("_client")
        self._client: Any = None
        self._opening = threading.Lock()
        return inherited

    def put(self, key: str, data: bytes) -> None:
        """See ``Objects``."""
        kind = "image/png" if key.endswith(".png") else "application/octet-stream"
        self._asked("put_object", key, Body=data, ContentType=kind)

    def get(self, key: str) -> bytes | None:
        """See ``Objects``."""

        def read() -> bytes:
            answer = self._opened().get_object(Bucket=self._bucket, Key=self._prefix + key)
            data: bytes = answer["Body"].read()
            return data

        return self._retried(read)

    def has(self, key: str) -> bool:
        """See ``Objects``."""
        return self._asked("head_object", key) is not None

    def remove(self, key: str) -> None:
        """See ``Objects``."""
        self._asked("delete_object", key)

    def below(self, folder: str) -> list[str]:
        """See ``Objects``."""
        start = f"{self._prefix}{folder}/"

        def listed() -> list[str]:
            pages = self._opened().get_paginator("list_objects_v2")
            found = pages.paginate(Bucket=self._bucket, Prefix=start, Delimiter="/")
            return [item["Key"][len(start) :] for page in found for item in page.get("Contents", ())]

        return sorted(self._retried(listed) or [])

    def _asked(self, what: str, key: str, **options: Any) -> Any:
        """What the store answers; None: there is no such object."""
        place = {"Bucket": self._bucket, "Key": self._prefix + key}
        return self._retried(lambda: getattr(self._opened(), what)(**place, **options))

    def _retried(self, attempt: Callable[[], T]) -> T | None:
        """What ``attempt`` returns, tried again for a while where the store is away; None: there is no
        such object.

        Raises:
            StorageError: it said no, or stayed away.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        until, pause = time.monotonic() + AWAY_SECONDS, 0.2
        while True:
            try:
                return attempt()
            except (BotoCoreError, ClientError) as exc:
                if code_of(exc) in MISSING:
                    return None
                if not is_away(exc) or time.monotonic() + pause > until:
                    raise StorageError(self._why(exc)) from exc
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _why(self, exc: Exception) -> str:
        said = " ".join(str(exc).split())
        advice = ADVICE.get(code_of(exc)) or advice_on(exc)
        return f"cannot use the object store {self.where}: {said}; {advice}"

    def _opened(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = open_client(self._url)
            return self._client


def open_client(url: str | None) -> Any:
    """A client that takes its keys where boto3 does."""
    import boto3
    from botocore.config import Config

    # Stores that are not Amazon's own know no checksums in trailers, and buckets by path alone.
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 3},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if url else {},
    )
    region = boto3.Session().region_name or "us-east-1"
    return boto3.Session().client("s3", endpoint_url=url, region_name=region, config=config)


def code_of(exc: Exception) -> str:
    """A store's code of what went wrong; empty: it did not answer."""
    answer = getattr(exc, "response", None) or {}
    return str(answer.get("Error", {}).get("Code", ""))


def is_away(exc: Exception) -> bool:
    """Whether a store may answer a moment later."""
    from botocore.exceptions import ConnectionError as NotConnectedError
    from botocore.exceptions import HTTPClientError

    answer = getattr(exc, "response", None) or {}
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return isinstance(exc, HTTPClientError | NotConnectedError) or status >= 500 or status == 429


def advice_on(exc: Exception) -> str:
    """What to do about what is no store's answer."""
    from botocore.exceptions import NoCredentialsError, PartialCredentialsError

    if isinstance(exc, NoCredentialsError | PartialCredentialsError):
        return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return "is it up, and is GEMS_OBJECTS_URL its address?"
