"""HTTP clients that go through the machine's proxies, but not to the machine itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import InputError, hide

ClientT = TypeVar("ClientT")
LOCAL = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")
"""Hosts that no proxy can reach, because there they are another machine."""
SCHEMES = ("http", "https", "all")


def open_http_client(kind: Callable[..., ClientT], url: str = "", **options: Any) -> ClientT:
    """An HTTP client of ``kind``, httpx's or one like it, with ``options``.

    Requests to this machine, and to ``url`` where it is on this machine, bypass the proxies that the
    environment names. One that cannot be used does not matter to a client that needs none.

    Raises:
        InputError: a proxy cannot be used; the message names the variable.
    """
    direct = [*LOCAL, *([host_in(url)] if is_local(url) else [])]
    mounts = {f"all://{host}": None for host in direct}
    try:
        return kind(mounts=mounts, **options)
    # The openai package may bring another HTTP library, whose exceptions are its own.
    except Exception as exc:
        if not proxies_of_environment():
            raise
        if is_local(url):
            return kind(trust_env=False, **options)
        raise InputError(broken_proxy(exc)) from exc


def broken_proxy(exc: Exception) -> str:
    """What to say of a client that could not be built."""
    unusable = unusable_proxies() or proxies_of_environment().items()
    names = " and ".join(f"{scheme.upper()}_PROXY={hide(value)}" for scheme, value in unusable)
    reason = " ".join(str(exc).split())[:200]
    advice = "unset it, or name an http:// proxy"
    if isinstance(exc, ImportError):
        advice = "pip install 'httpx[socks]', or unset it"
    return f"{names} cannot be used as a proxy ({reason}): {advice}"


def unusable_proxies() -> list[tuple[str, str]]:
    """The proxies that no client can be built with, with their schemes."""
    import httpx

    unusable = []
    for scheme, value in proxies_of_environment().items():
        try:
            httpx.HTTPTransport(proxy=value if "://" in value else f"http://{value}", verify=False)
        except (ImportError, ValueError, httpx.InvalidURL):
            unusable.append((scheme, value))
    return unusable


def proxies_of_environment() -> dict[str, str]:
    """The proxies that the environment names, by the scheme they are for."""
    proxies = getproxies()
    return {scheme: proxies[scheme] for scheme in SCHEMES if proxies.get(scheme)}


def proxy_note(url: str) -> str:
    """Which proxy requests to ``url`` go through; empty: through none."""
    parts = urlsplit(url)
    if not parts.hostname or is_local(url) or proxy_bypass(parts.hostname):
        return ""
    proxies = proxies_of_environment()
    for scheme in (parts.scheme, "all"):
        if value := proxies.get(scheme):
            return f"requests go through {scheme.upper()}_PROXY={hide(value)}"
    return ""


def is_local(url: str) -> bool:
    """Whether ``url`` leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def host_in(url: str) -> str:
    """The host of ``url`` as patterns of httpx have it."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host
