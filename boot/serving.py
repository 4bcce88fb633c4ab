"""Serving: one process that holds the database and looks after the others."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from boot.errors import BootError
from boot.orphans import announce_parent, end_with_parent
from boot.settings import Settings
from boot.wsgi import APP_URL, application
from ui.bundle import read_bundle
from ui.forwarded import networks
from ui.metrics import FOLDER

_PATIENCE = 20


def serve_web(settings: Settings, app_url: str, *, when_up: Callable[[], None]) -> None:
    """Answer requests until Ctrl-C or SIGTERM; background jobs run beside, where wanted."""
    require_free(settings.host, settings.port)
    require_networks(settings)
    # What every process would fail at is said once, here.
    read_bundle()
    os.environ[APP_URL] = app_url
    announce_parent()
    server = Server(
        "boot.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backpressure=max(64, settings.threads * 8),
        workers_kill_timeout=_PATIENCE,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    )
    server.on_startup(when_up)
    with _figures(), _job_worker(settings):
        server.serve(target_loader=_load, wrap_loader=False)


def _load() -> Flask:
    end_with_parent()
    return application()


@contextmanager
def _figures() -> Iterator[None]:
    """Give the processes a folder to keep their figures in, so that each can tell them all."""
    with tempfile.TemporaryDirectory(prefix="joinery-figures-") as folder:
        os.environ[FOLDER] = folder
        yield


@contextmanager
def _job_worker(settings: Settings) -> Iterator[None]:
    if not settings.worker:
        yield
        return
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "boot.worker"], start_new_session=True
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def require_networks(settings: Settings) -> None:
    """Raise `BootError` where a trusted proxy is named by something that is no address."""
    try:
        networks(settings.trusted_proxies)
    except ValueError as error:
        raise BootError(
            f"The setting trusted_proxies names what is no address or network: {error}."
        ) from None


def require_free(host: str, port: int) -> None:
    """Raise `BootError` where the port cannot be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise BootError(_reason(host, port, error)) from None


def _reason(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"{host!r} is no address of this machine: give another with --host."
    if isinstance(error, PermissionError):
        return f"Port {port} is kept for the system: choose one above 1023 with --port."
    if error.errno is not None and os.strerror(error.errno) == "Address already in use":
        return (
            f"Port {port} on {host} is in use, perhaps by another Joinery: end what listens "
            "there, or choose another with --port (with make: PORT=8001)."
        )
    return f"Joinery cannot listen on {host}:{port}: {error.strerror or error}."
