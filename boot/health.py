"""Whether this installation can serve."""

from __future__ import annotations

from collections.abc import Mapping

from engine.database import Database
from engine.errors import EngineError
from engine.jobs import counts
from engine.tenants.install import require_current


class Readiness:
    """Asks what serving needs: the database, and a registry of this version's form."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ready(self) -> tuple[str, ...]:
        """Return what is wrong, in sentences; empty when all is well."""
        try:
            require_current(self._database)
        except EngineError as error:
            return (str(error),)
        return ()

    def jobs(self) -> Mapping[str, int]:
        """Return how many jobs of the queue are in each state."""
        return counts(self._database)
