"""What settings may name: servers, databases, object stores, folders, judges."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr


def check_address(url: str) -> str:
    """The URL of a server, as it is.

    Raises:
        ValueError: no client could reach anything by it; the message says why.
    """
    if not url.isprintable() or " " in url:
        raise ValueError("it holds a space or a character that cannot be seen")
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("it begins with neither http:// nor https://")
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise ValueError("the brackets of its IPv6 address are off: http://[::1]:8000/v1") from exc
    check_host(parts)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("its port is no number from 1 to 65535")
    return url


def check_host(parts: SplitResult) -> None:
    """Checks that a URL names a host.

    Raises:
        ValueError: it does not; the message says why.
    """
    place = parts.netloc.rpartition("@")[2]
    if place.count(":") > 1 and "[" not in place:
        raise ValueError("an IPv6 address stands in brackets: http://[::1]:8000/v1")
    if not parts.hostname:
        raise ValueError("it names no host")
    try:
        if place.startswith("["):
            ipaddress.IPv6Address(parts.hostname)
        else:
            parts.hostname.encode("idna")
    except ValueError as exc:
        raise ValueError(f"{parts.hostname!r} is no host") from exc


def check_database(url: SecretStr) -> SecretStr:
    """The address of a PostgreSQL database, as it is: a URL, or libpq's ``host=... dbname=...``.

    Raises:
        ValueError: it is neither.
    """
    text = url.get_secret_value()
    if not text.startswith(("postgresql://", "postgres://")):
        if "=" not in text.partition(" ")[0]:
            raise ValueError("it is no postgresql://USER:PASSWORD@HOST:PORT/NAME")
        return url
    if not is_sound(text):
        raise ValueError(
            "its host or port cannot be used: postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40 for "
            "an @ in the password, %2F for a /, %3A for a :"
        )
    return url


def is_sound(url: str) -> bool:
    """Whether a database's URL splits where its writer meant it to: what stands unescaped in a password
    would pass for a host, a port or a database."""
    try:
        parts = urlsplit(url)
        return (
            parts.port != 0
            and "@" not in parts.path
            and parts.netloc.count("@") < 2
            and url.isprintable()
        )
    except ValueError:
        return False


def check_bucket(place: str) -> str:
    """A place in an object store, as it is.

    Raises:
        ValueError: it names none.
    """
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/-]*)?", place):
        raise ValueError("it is no s3://BUCKET or s3://BUCKET/PREFIX")
    return place


def check_folders(folders: str) -> str:
    """Folders separated like PATH, as they are.

    Raises:
        ValueError: one begins with the home of a user that there is not.
    """
    for folder in folders.split(os.pathsep):
        check_folder(Path(folder))
    return folders


def check_folder(folder: Path) -> Path:
    """A folder, as it is; it need not exist.

    Raises:
        ValueError: it begins with the home of a user that there is not, or its name is no text.
    """
    try:
        str(folder).encode()
    except UnicodeEncodeError as exc:
        raise ValueError("its name is no UTF-8 text: choose another folder") from exc
    try:
        folder.expanduser()
    except RuntimeError as exc:
        raise ValueError(f"there is no home of {folder.parts[0]!r}; write the folder out") from exc
    return folder


def check_judges(specs: str) -> str:
    """Judges with commas, as they are.

    Raises:
        ValueError: there is none.
    """
    if not specs.replace(",", "").strip():
        raise ValueError("it names nobody: use mllm, mllm:SPEC or embedded")
    return specs
