"""Money in a currency of the record's own: the fields that such an amount is made of.

`amount: {type: money, currency: currency}` becomes three fields before anything is linked:
`amount_original`, which people enter, `amount_rate`, which the engine takes from the rate
table, and `amount` itself, computed from the two in the app's currency. So everything that
works on fields works on each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from metamodel.layers import Merged
from metamodel.linking.draft import Draft
from metamodel.model import Entity, Field
from metamodel.nearest import nearest

ORIGINAL, RATE = "original", "rate"
ENTERED = ("required", "default", "default_formula", "min", "max", "required_when", "readonly_when")
"""Keys of an amount that speak of what people enter."""

ORIGINAL_SCALE, RATE_SCALE = 4, 10
WORDS = {
    ORIGINAL: {"en": "{} (original currency)", "zh": "{}（原币）"},
    RATE: {"en": "{} (exchange rate)", "zh": "{}（汇率）"},
}


def with_currencies(merged: Merged) -> Merged:
    """Return the document with each amount in another currency as the fields it is made of."""
    entities = merged.document.get("entities")
    if not isinstance(entities, Mapping) or not any(map(_has_amounts, entities.values())):
        return merged
    document = {**merged.document, "entities": {k: _entity(v) for k, v in entities.items()}}
    return replace(merged, document=document)


def link_currencies(draft: Draft) -> None:
    """Resolve what amounts say of their currency and date; report what does not fit."""
    for (key, name), node in draft.fields.items():
        entity = draft.entities[key]
        field = entity.fields.get(name)
        if field is None or not field.currency:
            continue
        fields: dict[str, Field] = entity.fields  # type: ignore[assignment]
        currency = _named(entity, field.currency, ("choice", "text", "code"))
        dated = _named(entity, field.rate_on, ("date", "datetime")) if field.rate_on else None
        if currency is None:
            known = [each.name for each in fields.values() if each.type in ("choice", "code")]
            sentence = (
                f"`{field.name}` has its currency in `{field.currency}`, which is no such field."
            )
            hint = nearest(field.currency, known, "Name a choice or a text of this entity:")
            node.report("bad_currency", sentence, hint, at="currency")
        if field.rate_on and dated is None:
            known = [each.name for each in fields.values() if each.type in ("date", "datetime")]
            sentence = (
                f"The rate of `{field.name}` is of the day in `{field.rate_on}`, which is no date."
            )
            hint = nearest(field.rate_on, known, "Name a date of this entity:")
            node.report("bad_currency", sentence, hint, at="rate_on")
        fields[name] = replace(
            field,
            currency=currency.key if currency else "",
            rate_on=dated.key if dated else "",
        )
        for part in (ORIGINAL, RATE):
            made = fields.get(f"{name}_{part}")
            if made is not None:
                fields[made.key] = replace(made, amount_of=name)


def _named(entity: Entity, name: str, types: tuple[str, ...]) -> Field | None:
    found = entity.field_named(name)
    return found if found is not None and found.type in types else None


def _has_amounts(entity: object) -> bool:
    fields = entity.get("fields") if isinstance(entity, Mapping) else None
    return isinstance(fields, Mapping) and any(map(_is_amount, fields.values()))


def _is_amount(field: object) -> bool:
    return (
        isinstance(field, Mapping)
        and field.get("type") == "money"
        and bool(field.get("currency"))
        and "formula" not in field
    )


def _entity(entity: object) -> object:
    if not _has_amounts(entity) or not isinstance(entity, Mapping):
        return entity
    fields: dict[str, object] = {}
    for name, field in entity["fields"].items():
        if _is_amount(field):
            fields.update(_parts(name, field))
        else:
            fields[name] = field
    return {**entity, "fields": fields}


def _parts(name: str, field: Mapping[str, object]) -> dict[str, object]:
    """Return an amount as three fields; where one stands already, it stays for the linker."""
    entered = {key: value for key, value in field.items() if key in ENTERED}
    rest = {key: value for key, value in field.items() if key not in ENTERED}
    original, rate = f"{name}_{ORIGINAL}", f"{name}_{RATE}"
    text = f"IF(ISBLANK({original}), null, {original} * {rate})"
    numbers = {"type": "decimal", **_companion(field)}
    return {
        original: {**numbers, **entered, "scale": ORIGINAL_SCALE, **_words(name, field, ORIGINAL)},
        rate: {**numbers, "readonly": True, "scale": RATE_SCALE, **_words(name, field, RATE)},
        name: {**rest, "formula": text},
    }


def _companion(field: Mapping[str, object]) -> dict[str, object]:
    return {key: field[key] for key in ("$retire", "visible_when", "hidden") if key in field}


def _words(name: str, field: Mapping[str, object], part: str) -> dict[str, object]:
    """Return label, key and former names of a part, after those of the amount."""
    label = field.get("label")
    texts = label if isinstance(label, Mapping) else {"": label or name.replace("_", " ")}
    said: dict[str, object] = {
        "label": {
            language: WORDS[part].get(str(language), WORDS[part]["en"]).format(text)
            for language, text in texts.items()
        }
    }
    if isinstance(field.get("key"), str):
        said["key"] = f"{field['key']}_{part}"
    former = field.get("renamed_from")
    if former:
        names = former if isinstance(former, list) else [former]
        said["renamed_from"] = [f"{each}_{part}" for each in names]
    return said
