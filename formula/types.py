"""The closed union of value types that formulas compute with.

Python values of each type: `Decimal` for numbers and percents (a percent is a
fraction), `str` for text and for the code of a choice, `bool`, `date`, aware
UTC `datetime`, `time`, `timedelta`, `UUID` for a record, `tuple` for a list.
`None` is blank in every type except `BooleanType`, which is never blank.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DIGITS = 60
"""Most integer digits a number type may have before it must be rounded."""

MAX_SCALE = 40
"""Most decimals a number type may have before it must be rounded."""


@dataclass(frozen=True, slots=True)
class NumberType:
    """An exact decimal: `digits` before the point, `scale` after it."""

    digits: int = 16
    scale: int = 2


@dataclass(frozen=True, slots=True)
class PercentType:
    """A fraction shown as a percentage: 30% is 0.30."""

    digits: int = 4
    scale: int = 4


@dataclass(frozen=True, slots=True)
class TextType:
    """Text in Unicode NFC, compared by code point; empty text is blank."""


@dataclass(frozen=True, slots=True)
class BooleanType:
    """True or false, never blank."""


@dataclass(frozen=True, slots=True)
class DateType:
    """A calendar day without a zone."""


@dataclass(frozen=True, slots=True)
class DateTimeType:
    """An instant, held in UTC."""


@dataclass(frozen=True, slots=True)
class TimeType:
    """A time of day without a zone."""


@dataclass(frozen=True, slots=True)
class DurationType:
    """A length of time, to the second."""


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One of a closed set of codes; compares with its code as text.

    `names` are what people call the codes now, in the same order; none: by the codes themselves.
    `former` are names that answer where no present one does, each with its code.
    """

    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    former: tuple[tuple[str, str], ...] = ()

    def code_of(self, name: str) -> str | None:
        """Return the code that people call `name`, now or formerly, or None."""
        present = dict(zip(self.names or self.codes, self.codes, strict=True))
        return present.get(name) or dict(self.former).get(name)

    def name_of(self, code: str) -> str:
        """Return what people call a code now."""
        return (
            dict(zip(self.codes, self.names, strict=True)).get(code, code) if self.names else code
        )


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record of one of these entities (by entity key), by its id."""

    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListType:
    """Several values of one type, in no order that matters."""

    item: ValueType


@dataclass(frozen=True, slots=True)
class BlankType:
    """The literal `null`, which fits every type."""


type_names = {
    "NumberType": "number",
    "PercentType": "percent",
    "TextType": "text",
    "BooleanType": "boolean",
    "DateType": "date",
    "DateTimeType": "datetime",
    "TimeType": "time",
    "DurationType": "duration",
    "ChoiceType": "choice",
    "RecordType": "record",
    "ListType": "list",
    "BlankType": "blank",
}

ValueType = (
    NumberType
    | PercentType
    | TextType
    | BooleanType
    | DateType
    | DateTimeType
    | TimeType
    | DurationType
    | ChoiceType
    | RecordType
    | ListType
    | BlankType
)
