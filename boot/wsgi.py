"""The web application of one server process, as WSGI servers load it."""

from __future__ import annotations

import os

from flask import Flask
from sqlalchemy.engine import make_url

from boot.connection import Address
from boot.errors import BootError
from boot.estate import limits
from boot.logs import log_to
from boot.settings import read_settings
from boot.wiring import House, furnish
from engine.database import Database
from ui.factory import create_app
from ui.settings import UiSettings

APP_URL = "JOINERY_APP_URL"
"""How `joinery serve` tells its processes the address that it found."""

ENVELOPE = 1_000_000
"""Bytes that a form may have around the file in it."""


def application() -> Flask:
    """Build the application on the database that the environment names."""
    log_to()
    built = from_environment()
    settings = UiSettings(
        secure_cookies=built.settings.secure_cookies,
        api_rate=built.settings.api_rate,
        metrics_token=built.settings.metrics_token,
        max_file=built.settings.file_size * 1_000_000 + ENVELOPE,
        allowed_hosts=listed(built.settings.allowed_hosts),
        trusted_proxies=built.settings.trusted_proxies,
    )
    return create_app(built.services, settings)


def listed(text: str) -> frozenset[str]:
    """Return the names of a setting, which are separated by commas."""
    return frozenset(filter(None, (each.strip().lower() for each in text.split(","))))


def from_environment() -> House:
    """Build every service in a process that `joinery serve` started."""
    address = os.environ.get(APP_URL)
    if not address:
        raise BootError(f"{APP_URL} is not set: start the application with `joinery serve`.")
    settings = read_settings({})
    database = Database.connect(address, limits=limits(settings, threads=settings.threads))
    return furnish(settings, Address(admin=None, app=make_url(address)), database)
