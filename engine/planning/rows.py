"""The file of every record that a plan's effects are about: which effect, which record, what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.context import Tenant
from engine.exchange.sinks import write
from engine.planning.report import PlanReport
from engine.publish import Proposal, Publisher

COLUMNS = ("effect", "about", "id", "value")
"""The first line: an effect's code, its sentence, a record's id, and the value it is about."""


def rows_csv(
    publisher: Publisher,
    tenant: Tenant,
    proposal: Proposal,
    found: PlanReport,
    only: Sequence[int] | None = None,
) -> Iterator[bytes]:
    """Yield the file piece by piece, as it is read; `only` are numbers of effects.

    Its lines are read from what is there now, which may be more or less than was counted.
    """
    return write("csv", COLUMNS, _rows(publisher, tenant, proposal, found, only))


def _rows(
    publisher: Publisher,
    tenant: Tenant,
    proposal: Proposal,
    found: PlanReport,
    only: Sequence[int] | None,
) -> Iterator[tuple[str, str, str, str]]:
    for line in found.effects:
        if line.listed and (only is None or line.number in only):
            for record in publisher.offenders(tenant, proposal.plan.effects[line.number]):
                yield line.code, line.sentence, str(record.id), record.text
