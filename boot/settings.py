"""How this installation is set up: from flags, then JOINERY_* variables, then a file."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from boot.errors import BootError

FILE = "joinery.toml"
"""The settings file, looked for in JOINERY_HOME unless JOINERY_CONFIG names another."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; each name is a flag, a variable and a key of the file.

    `database_url` blank: the embedded server, its data under `home`. `workers` are processes
    that answer requests, `threads` the requests that each of them answers at once.
    `worker` false leaves background jobs to `joinery worker`. `secure_cookies` true sends
    cookies over HTTPS only. `api_rate` is how many calls a minute each process answers a
    person; without `metrics_token` only this machine reads `/metrics`. `files` blank: the
    folder `files` under `home`; `file_size` is the largest file that is taken, in megabytes.
    `master_key` blank: the file `master.key` under `home`, made the first time.
    `outgoing_allowed` names hosts and networks inside that may be called; `allowed_hosts` the
    names that the site answers to, blank for any; `trusted_proxies` the addresses and networks
    whose word about the caller is taken. `address` is where people find the site, which letters
    link to; `smtp` the mail server that sends them, from `mail_from`; `gateways` the programs that
    carry messages by other channels; `oidc` a table of identity providers, as JSON in its variable.
    `tenant_login` true lets each tenant enter the database as its own role.
    `tenants_per_database` is how many tenants are placed on one database,
    `tenants_per_connection` how many one connection serves before it is renewed, `connections`
    how many a process keeps open. `backups` is the folder or storage that every tenant is backed
    up to each night, blank for none, and `backups_kept` how many of each are kept.
    `purge_after` is how many days something is retired before it may be deleted for good,
    `jobs_per_tenant` how many jobs of one tenant and queue are done at the same time.
    """

    home: Path
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    threads: int = 8
    worker: bool = True
    secure_cookies: bool = False
    api_rate: int = 6000
    metrics_token: str = ""
    files: str = ""
    file_size: int = 50
    master_key: str = field(default="", repr=False)
    outgoing_allowed: str = ""
    allowed_hosts: str = ""
    trusted_proxies: str = ""
    address: str = ""
    smtp: str = field(default="", repr=False)
    mail_from: str = ""
    gateways: str = field(default="", repr=False)
    oidc: str = field(default="", repr=False)
    tenant_login: bool = False
    tenants_per_database: int = 400
    tenants_per_connection: int = 50
    connections: int = 40
    backups: str = ""
    backups_kept: int = 7
    purge_after: int = 30
    jobs_per_tenant: int = 4


def read_settings(
    flags: Mapping[str, object], environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in force; `flags` that are None say nothing. Raises `BootError`."""
    env = os.environ if environment is None else environment
    home = Path(str(flags.get("home") or env.get("JOINERY_HOME") or default_home())).expanduser()
    file = Path(env.get("JOINERY_CONFIG") or home / FILE).expanduser()
    given: dict[str, object] = dict(_from_file(file, required="JOINERY_CONFIG" in env))
    for each in fields(Settings):
        variable = f"JOINERY_{each.name.upper()}"
        if env.get(variable):
            given[each.name] = env[variable]
        if flags.get(each.name) is not None:
            given[each.name] = flags[each.name]
    given["home"] = home.absolute()
    typed = {name: _typed(name, value) for name, value in given.items()}
    settings = replace(Settings(home=home.absolute()), **typed)
    if settings.workers < 1:
        return replace(settings, workers=min(os.cpu_count() or 1, 4))
    return settings


def default_home() -> Path:
    """Return the platform's data folder; for root one that everybody may pass through."""
    if os.geteuid() == 0:
        return Path("/var/lib/joinery")
    return Path(platformdirs.user_data_dir("joinery", appauthor=False))


def _from_file(path: Path, *, required: bool) -> Mapping[str, object]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise BootError(f"JOINERY_CONFIG names {path}, which is not there.") from None
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BootError(f"The settings file {path} cannot be read: {error}.") from None
    known = {each.name for each in fields(Settings)}
    unknown = sorted(set(found) - known)
    if unknown:
        raise BootError(
            f"The settings file {path} sets {', '.join(unknown)}, which Joinery does not know. "
            f"It knows {', '.join(sorted(known))}."
        )
    return found


def _typed(name: str, value: object) -> Any:  # Any: each setting has a type of its own.
    default = getattr(Settings(home=Path()), name)
    if isinstance(value, Mapping):
        return json.dumps(value)
    if isinstance(default, bool):
        return _boolean(name, value)
    if isinstance(default, int):
        return _integer(name, value)
    return value if isinstance(default, Path) else str(value)


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise BootError(f"The setting {name} is {value!r}; it is `true` or `false`.")


def _integer(name: str, value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise BootError(f"The setting {name} is {value!r}; it is a whole number.") from None
