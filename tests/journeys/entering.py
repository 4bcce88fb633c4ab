"""Fills in any form from what the metadata says of its fields, as a person with a value of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from engine.query.spec import ListQuery
from metamodel.model import Entity, Field
from tests.journeys.conftest import Site

FIRST: Mapping[str, tuple[str, ...]] = {
    "activity": ("customer",),
    "message": ("customer",),
    "write_off": ("plan",),
    "invoice": ("order",),
}
"""Links that are chosen first: a rule asks for one of several, or others follow from it."""

MORE: Mapping[str, Mapping[str, object]] = {
    "sales_order": {"lines": [{"product": "product", "quantity": "2", "unit_price": "100"}]},
    "message_template": {"status": "approved", "subject": "words"},
    "receivable_plan": {"order": "sales_order", "amount": "200"},
    "mass_send": {"template": "message_template"},
}
"""What else a provided record says, so that others may lean on it; a link by its entity."""

ALONE = frozenset(
    {
        "deputy",
        "receivable_plan",
        "write_off",
        "invoice",
        "invoice_profile",
        "commission",
        "forecast_snapshot",
        "mass_send",
    }
)
"""Entities that want a record of their own to link to: one that no other took, or left as it is."""

FITTING: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("correction", "ticket"): {"kind": "dispute"},
}
"""What a linked record says where a link takes only some: data is corrected for a dispute alone."""

PATTERNS: Mapping[str, Callable[[str], str]] = {
    "[A-Z]{3}": lambda mark: "".join(chr(ord("A") + int(sign, 16)) for sign in mark[:3]),
}
"""Words that fit the patterns of the template, made of a mark."""

WRITTEN: Mapping[str, str] = {
    "phone": "13800138000",
    "url": "https://example.com",
    "barcode": "4006381333931",
    "integer": "3",
    "decimal": "3",
    "money": "100",
    "percent": "10",
    "progress": "10",
    "duration": "1:30",
    "date": "2026-12-01",
    "datetime": "2026-12-01T09:00",
    "time": "09:30",
    "json": "{}",
}
"""What is typed into a field of a type; everything else takes words."""


def fill_required(page: Page, site: Site, entity: Entity) -> None:
    """Fill what a form asks for and does not know yet, more of it as answers ask for more."""
    filled: set[str] = set()
    for name in FIRST.get(entity.name, ()):
        _fill(page, site, page.locator(f".field[data-field={name}]"), entity.fields[name])
    while True:
        waiting = page.locator(".field[data-field]:has(.required:not([hidden]))").all()
        names = [(each, each.get_attribute("data-field") or "") for each in waiting]
        todo = [(each, name) for each, name in names if name not in filled]
        for place, name in todo:
            filled.add(name)
            field = entity.field_named(name)
            assert field is not None
            # What was chosen before may have filled it.
            if _empty(place):
                _fill(page, site, place, field)
        if not todo:
            return


def _empty(place: Locator) -> bool:
    """Whether a field that can be seen holds nothing yet."""
    shown = place.is_visible() or place.locator("xpath=ancestor::*[@hidden]").count() > 0
    return shown and not place.locator("[data-input]").first.evaluate(
        "input => input.value || input.querySelector?.(':checked')?.value || ''"
    )


def _fill(page: Page, site: Site, place: Locator, field: Field) -> None:
    _uncover(page, place)
    if field.link is not None:
        of = site.ctx.model.entities[field.entity].name
        says = FITTING.get((of, field.name), {})
        record, title = provide(site, field.link.to[0], fresh=of in ALONE, says=says)
        place.locator("[data-picker-text]").fill(title)
        line = page.locator(f".picker-line[data-id='{record}']")
        line.or_(page.locator(".picker-line, .picker-note")).first.click()
        expect(page.locator(".picker-list")).to_have_count(0)
        # What the record brings is there before anything else is looked at.
        expect(page.locator("[data-form]:not([data-learning])")).to_be_visible()
    elif field.options:
        select = place.locator("select")
        codes = select.locator("option:not([hidden])").evaluate_all("all => all.map(o => o.value)")
        select.select_option(next(code for code in codes if code))
    elif field.type == "period":
        place.locator("[data-part=from]").fill("2026-12-01")
        place.locator("[data-part=to]").fill("2026-12-31")
    elif field.type == "rich_text":
        place.locator(".rich-body[contenteditable]").fill("words")
    else:
        place.locator("[data-input]").fill(written(field))


def written(field: Field) -> str:
    """What is typed into a plain field: never twice the same words, since some must be unique."""
    mark = uuid4().hex[:6]
    if field.type == "email":
        return f"{mark}@example.com"
    if field.pattern in PATTERNS:
        return PATTERNS[field.pattern](mark)
    words = f"{field.name} {mark}" if field.max_length is None else mark[: field.max_length]
    return WRITTEN.get(field.type, words)


def _uncover(page: Page, place: Locator) -> None:
    """Open the tab that a field lies in."""
    panel = place.locator("xpath=ancestor::*[@role='tabpanel']")
    if panel.count() and not panel.is_visible():
        page.locator(f"#{panel.get_attribute('aria-labelledby')}").click()


def provide(
    site: Site, key: str, *, fresh: bool = False, says: Mapping[str, object] = MappingProxyType({})
) -> tuple[str, str]:
    """Return id and title of a record, made with what it requires where there is none yet.

    One that `says` something is made anew.
    """
    query = ListQuery(key, limit=1)
    found = site.house.reader.find(site.ctx, query).rows
    if fresh or says or not found:
        entity = site.ctx.model.entities[key]
        more = {**MORE.get(key, {}), **says}
        values = {name: _linked(site, value) for name, value in more.items()}
        for field in entity.fields.values():
            value = _value(site, field) if _asked(field) else None
            if value is not None:
                values.setdefault(field.name, value)
        made = site.house.writer.create(site.ctx, key, [values]).ids[0]
        record = site.house.reader.get(site.ctx, key, [made])[0]
        return str(record.id), record.title
    return str(found[0].id), found[0].title


def _asked(field: Field) -> bool:
    """Whether a record must be given a value of this field when it is made."""
    known = field.formula or field.default or field.default_formula
    return field.required and known is None and not (field.retired or field.builtin)


def _linked(site: Site, value: object) -> object:
    """Put records into what a provided record says."""
    match value:
        case list():
            return [_linked(site, each) for each in value]
        case dict():
            return {name: _linked(site, each) for name, each in value.items()}
        case str() if value in site.ctx.model.entities:
            return provide(site, value, fresh=value in MORE)[0]
        case _:
            return value


def _value(site: Site, field: Field) -> object:
    if field.pipeline or field.type == "autonumber":
        return None
    if field.link is not None:
        found = provide(site, field.link.to[0])[0]
        return [found] if field.link.many else found
    if field.options:
        code = next(iter(field.options.values())).name
        return [code] if field.type == "multi_choice" else code
    if field.type == "percent":
        return "10%"
    if field.type == "duration":
        return "5400"
    if field.type == "period":
        return {"from": "2026-12-01", "to": "2026-12-31"}
    if field.type == "datetime":
        return "2026-12-01T09:00:00Z"
    return written(field)
