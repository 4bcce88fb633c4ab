"""The file of every record that a plan's effects are about: which effect, which record, what."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from engine.context import Tenant
from engine.planning.report import EffectLine, PlanReport
from engine.publish import Proposal, Publisher

COLUMNS = ("effect", "about", "id", "value")
"""The first line: an effect's code, its sentence, a record's id, and the value it is about."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula."""


def rows_csv(
    publisher: Publisher,
    tenant: Tenant,
    proposal: Proposal,
    found: PlanReport,
    only: Sequence[int] | None = None,
) -> Iterator[str]:
    """Yield the lines of the file, as they are read; `only` are numbers of effects.

    Lines are read from what is there now, which may be more or less than was counted.
    """
    yield _line(COLUMNS)
    for line in found.effects:
        if line.listed and (only is None or line.number in only):
            yield from _lines(publisher, tenant, proposal, line)


def _lines(
    publisher: Publisher, tenant: Tenant, proposal: Proposal, line: EffectLine
) -> Iterator[str]:
    for record in publisher.offenders(tenant, proposal.plan.effects[line.number]):
        yield _line((line.code, line.sentence, str(record.id), _harmless(record.text)))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _line(cells: Sequence[str]) -> str:
    file = StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue()
