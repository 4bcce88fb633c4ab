"""What the screens must be told about where they run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UiSettings:
    """`secure_cookies` where the site is served over HTTPS; `max_body` in bytes per request,
    `max_file` in bytes of one that brings a file.

    `api_rate` is how many calls of the API a person may make in a minute, 0 for any number;
    `door_rate` how often an address may knock at the door in a minute.
    `allowed_hosts` are the names that the site answers to, none for any; `trusted_proxies` names
    the networks whose word about the caller is taken. Without `metrics_token` only this machine
    may read `/metrics`.
    """

    secure_cookies: bool = False
    max_body: int = 32 * 1024 * 1024
    api_rate: int = 6000
    metrics_token: str = ""
    max_file: int = 51_000_000
    allowed_hosts: frozenset[str] = frozenset()
    trusted_proxies: str = ""
    door_rate: int = 240
