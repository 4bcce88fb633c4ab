"""Amounts in other currencies: the rate of the record's day, taken once and kept.

A rate is taken when an amount is first entered and when its currency changes, else only when
somebody asks for it: `Draft.afresh`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Date, Select, Text, bindparam, func, select, true

from engine.records.draft import Draft
from engine.records.plans import plan_of
from engine.records.work import Work
from engine.values.money import Entered, scaled
from metamodel.model import Entity, Field

RATES = "exchange_rate"

Day = tuple[str, date]
"""A currency on a day."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A rate that an amount of a draft needs."""

    draft: Draft
    amount: Field
    day: Day


def spread(draft: Draft, values: Mapping[str, object]) -> dict[str, object]:
    """Return values with amounts entered as a whole put into the fields they are made of.

    What is said of the parts themselves comes first: a record may be sent back as it was read.
    """
    found = {key: value for key, value in values.items() if not isinstance(value, Entered)}
    for key, value in values.items():
        original = f"{key}_original"
        if not isinstance(value, Entered) or original in values:
            continue
        found[original] = value.amount
        if value.currency is not None:
            _measure(draft, draft.entity.fields[key], value.currency, found)
    return found


def _measure(draft: Draft, amount: Field, currency: str, found: dict[str, object]) -> None:
    """Enter the currency that an amount came with; refuse another one beside it."""
    code = _code(draft, amount.currency, currency)
    said = found.get(amount.currency)
    if said is None:
        found[amount.currency] = code
    elif code is not None and str(said).casefold() != str(code).casefold():
        draft.refuse("currency_differs", amount.key, value=currency)


def take_rates(work: Work, drafts: Sequence[Draft]) -> None:
    """Give amounts the rates they need, and refuse what their currency does not know."""
    wanted = [each for draft in drafts for each in _wanted(work, draft)]
    rates = _rates(work, {each.day for each in wanted})
    for each in wanted:
        rate = rates.get(each.day)
        if rate is None:
            params = {"currency": each.day[0], "date": each.day[1].isoformat()}
            each.draft.refuse("rate_missing", each.amount.currency, **params)
        each.draft.values[f"{each.amount.key}_rate"] = rate


def currency_of(entity: Entity, amount: Field, values: Mapping[str, object]) -> str:
    """Return the code of an amount's currency, "" where the record names none."""
    chosen = entity.fields[amount.currency]
    value = values.get(amount.currency)
    option = chosen.options.get(str(value))
    return str(option.name if option else value or "").upper()


def _wanted(work: Work, draft: Draft) -> Iterator[_Wanted]:
    """Yield the rates that a draft has to look up; those it knows are put in place."""
    own = work.model.app.currency
    for amount in plan_of(work.ctx.compiled, draft.entity).amounts:
        original, rate = f"{amount.key}_original", f"{amount.key}_rate"
        value = draft.values.get(original)
        code = currency_of(draft.entity, amount, draft.values) or own
        if not isinstance(value, Decimal):
            draft.values[rate] = None
            continue
        if scaled(value, code) is None:
            draft.refuse("currency_decimals", original, currency=code, value=str(value))
        moved = draft.values.get(amount.currency) != draft.before.get(amount.currency)
        if not (draft.afresh or moved or draft.values.get(rate) is None):
            continue
        if code == own:
            draft.values[rate] = Decimal(1)
        else:
            yield _Wanted(draft, amount, (code, _day(work, draft, amount)))


def _day(work: Work, draft: Draft, amount: Field) -> date:
    """Return the day of the rate: the one the amount names, else that of the record's making."""
    value = draft.values.get(amount.rate_on or "created_at")
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(work.ctx.moment.zone)).date()
    return value if isinstance(value, date) else work.ctx.moment.today


def _code(draft: Draft, key: str, code: str) -> str | None:
    """Return a currency as its field holds it; one that the field does not offer is refused."""
    options = draft.entity.fields[key].options
    for option in options.values():
        if option.name.upper() == code:
            return option.key
    if options:
        known = [option.name for option in options.values() if option.active]
        draft.refuse("unknown_choice", key, value=code, known=known)
        return None
    return code


def _rates(work: Work, days: Iterable[Day]) -> dict[Day, Decimal]:
    """Return the latest rate on or before each day; one statement."""
    asked = sorted(days)
    if not asked:
        return {}
    rows = work.run(
        ("rates",),
        lambda: _statement(work),
        currencies=[code for code, _ in asked],
        days=[day for _, day in asked],
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _statement(work: Work) -> Select[Any]:
    rates = work.ctx.compiled.tables.of(RATES)
    fields = work.entity(RATES).fields
    currency, day, rate = (rates.c[fields[key].column] for key in ("currency", "date", "rate"))
    asked = (
        func.unnest(
            bindparam("currencies", type_=ARRAY(Text())), bindparam("days", type_=ARRAY(Date()))
        )
        .table_valued("code", "day", name="asked")
        .render_derived()
    )
    latest = (
        select(rate.label("rate"))
        .where(currency == asked.c.code, day <= asked.c.day, rates.c.sys_trashed_at.is_(None))
        .order_by(day.desc())
        .limit(1)
        .correlate(asked)
        .lateral("latest")
    )
    return select(asked.c.code, asked.c.day, latest.c.rate).select_from(asked.join(latest, true()))
