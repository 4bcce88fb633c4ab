"""What many commands share: where the installation is, and how results are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from boot.settings import read_settings

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")

yes = click.option("--yes", is_flag=True, help="Do not ask.")


def with_settings(command: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add --database and --home, and hand the settings in force to the command first."""

    @click.option("--database", "database_url", metavar="URL", help="A PostgreSQL address.")
    @click.option("--home", metavar="FOLDER", help="Where the embedded database lives.")
    @wraps(command)
    def wrapped(
        *args: Any, database_url: str | None, home: str | None, **kwargs: Any
    ) -> int | None:
        settings = read_settings({"database_url": database_url, "home": home})
        return command(settings, *args, **kwargs)

    return wrapped
