"""What the screens must be told about where they run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UiSettings:
    """`secure_cookies` where the site is served over HTTPS; `max_body` in bytes per request."""

    secure_cookies: bool = False
    max_body: int = 32 * 1024 * 1024
