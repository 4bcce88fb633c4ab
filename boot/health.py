"""Whether this installation can serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from engine.connections import Held
from engine.database import Database
from engine.errors import EngineError
from engine.jobs import counts
from engine.tenants.databases import Databases
from engine.tenants.install import require_current, require_functions


class Readiness:
    """Asks what serving needs: the databases, and a registry of this version's form."""

    def __init__(self, database: Database, databases: Databases) -> None:
        self._database = database
        self._databases = databases

    def ready(self) -> tuple[str, ...]:
        """Return what is wrong, in sentences; empty when all is well."""
        try:
            require_current(self._database)
        except EngineError as error:
            return (str(error),)
        return ()

    def further(self) -> tuple[str, ...]:
        """Return what is wrong with databases beside the registry's; other tenants are served."""
        found = []
        for name in self._databases.names():
            try:
                require_functions(self._database, name)
            except EngineError as error:
                found.append(f"{name}: {error}")
        return tuple(found)

    def jobs(self) -> Mapping[str, int]:
        """Return how many jobs are in each state, in the queues of all databases."""
        found: Counter[str] = Counter()
        for name in self._databases.names():
            with suppress(EngineError):
                found.update(counts(self._database, name))
        return found

    def connections(self) -> Held:
        """Return how many connections this process holds."""
        return self._database.held()
