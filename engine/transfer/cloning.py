"""A second tenant that is like a first one: with all it has, or without personal data.

The copy is of one moment; people work on meanwhile. What was copied when the process was killed
is of another moment than what is missing, so the next call begins the copy again; files that are
there already are not copied twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.compiled import CompiledModel
from engine.context import Context, Tenant
from engine.database import Database
from engine.files.storage import Storage
from engine.publish import Filler
from engine.records.recompute import mend
from engine.schema.apply import FILL_BATCH
from engine.schema.steps import Step
from engine.store import ModelStore
from engine.tenants.errors import TenantError, TenantUnknown
from engine.tenants.provision import Provisioning
from engine.tenants.registry import TenantRecord, TenantRegistry
from engine.tenants.tables import membership
from engine.transfer.catalog import read_structure
from engine.transfer.keeping import copy_files
from engine.transfer.loading import Progress, load
from engine.transfer.masking import mask_of, personal
from engine.transfer.rows import copied, rows_of
from engine.transfer.settled import Finisher, settled_moment
from engine.transfer.work import Works

COPIED = "copied"

WAITING: Mapping[str, Mapping[str, object]] = {
    "sys_run": {
        "state": "stopped", "due": None, "ended_at": func.now(), "error": {"code": "tenant_copied"},
    },
    "sys_message": {"state": "held", "done_at": func.now(), "error": "tenant_copied"},
}  # fmt: skip
"""What becomes in a copy of what waits to be done, by entity: the first tenant does it."""


@dataclass(frozen=True, slots=True)
class Cloning:
    """Makes tenants that are like others."""

    database: Database
    store: ModelStore
    registry: TenantRegistry
    provisioning: Provisioning
    works: Works
    storage: Storage
    filler: Filler
    system: Callable[[str], Context]
    finish: Finisher

    def clone(
        self, name: str, to: str, *, mask: bool = False, database: str = "", progress: Progress
    ) -> TenantRecord:
        """Make the tenant `to` with all that `name` has; begun again, go on.

        With `mask`, without personal data, and without members. Raises `TenantExists`,
        `NameInvalid`, `WorkUnderWay`, `TenantUnknown`, and `PublishRunning` where what a publish
        has to do after its switch takes too long.
        """
        source = self.registry.get(name)
        if source.state not in ("live", "archived"):
            raise TenantError(f"The tenant {name!r} is {source.state}: it cannot be cloned now.")
        with self.works.alone(to):
            target = self._entered(source, to, database, mask=mask)
            work = self.works.begin(to, "clone", {"of": source.tenant.schema, "mask": mask})
            if work.step != COPIED:
                self._copy(source.tenant, target.tenant, mask=mask, progress=progress)
                self.works.reached(to, COPIED)
            if not mask:
                copy_files(self.database, self.storage, source.tenant, target.tenant)
                self._bring_members(source.tenant, target.tenant)
            else:
                self._refill(target.tenant)
            self.registry.set_builtin(to, source.builtin)
            self.registry.set_template(to, source.template_version)
            self.registry.set_logo(to, source.logo)
            # Masked or not: programs that automations call are as real as people are.
            self.registry.set_state(to, "live", quiet=True)
            self.works.end(to)
        return self.registry.get(to)

    def _entered(self, source: TenantRecord, to: str, database: str, *, mask: bool) -> TenantRecord:
        """Return the registry's entry of the clone, made now or by a call that was cut short."""
        try:
            found = self.registry.get(to)
        except TenantUnknown:
            found = None
        if found is not None and found.state == "making" and self.works.find(to) is not None:
            return found
        return self.registry.add(
            to,
            label=source.label if source.label != source.tenant.name else "",
            language=source.language,
            template=source.template,
            database=database,
        )

    def _copy(self, old: Tenant, new: Tenant, *, mask: bool, progress: Progress) -> None:
        self.provisioning.vacate(new)
        self.provisioning.house(new)
        published = self.store.current(old)
        with settled_moment(self.database, old, self.finish) as source:
            structure = read_structure(source, old)
            hidden = mask_of(published.compiled, structure) if mask else None
            load(
                self.database,
                new,
                structure,
                lambda table: (
                    rows_of(source, old, table)
                    if hidden is None
                    else copied(source, hidden.selected(old, table))
                ),
                progress,
            )
        self._lay_down(published.compiled, new)

    def _lay_down(self, compiled: CompiledModel, new: Tenant) -> None:
        """End what waits in the copy, so that nothing is done and nobody is written to twice."""
        with self.database.owner(new) as connection:
            for key, over in WAITING.items():
                if key in compiled.model.entities:
                    table = compiled.tables.of(key)
                    connection.execute(
                        update(table).where(table.c.state == "waiting").values(**over)
                    )

    def _refill(self, new: Tenant) -> None:
        """Work out again what follows from values that were made up: sort keys, sums, search."""
        ctx = self.system(new.name)
        for entity in ctx.model.entities.values():
            if entity.system or not personal(entity):
                continue
            step = Step("sort_keys", entity.key, fill="sort_keys")
            table = ctx.compiled.tables.of(entity.key)
            with self.database.owner(new) as connection:
                ids = list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())
            for start in range(0, len(ids), FILL_BATCH):
                with self.database.owner(new) as connection:
                    self.filler.fill(connection, ctx, step, ids[start : start + FILL_BATCH])
        for _ in mend(self.database, ctx):
            pass

    def _bring_members(self, old: Tenant, new: Tenant) -> None:
        """Let the people of the first into the second, where their rows are copied."""
        with self.database.registry() as connection:
            people = select(membership.c.account, membership.c.user).where(
                membership.c.tenant == old.name
            )
            rows = [
                {"tenant": new.name, "account": row.account, "user": row.user}
                for row in connection.execute(people)
            ]
            if rows:
                connection.execute(insert(membership).values(rows).on_conflict_do_nothing())
