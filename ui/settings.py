"""What the screens must be told about where they run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UiSettings:
    """`secure_cookies` where the site is served over HTTPS; `max_body` in bytes per request.

    `api_rate` is how many calls of the API a person may make in a minute, 0 for any number.
    Without `metrics_token` only this machine may read `/metrics`.
    """

    secure_cookies: bool = False
    max_body: int = 32 * 1024 * 1024
    api_rate: int = 6000
    metrics_token: str = ""
