"""Numbers, money, dates and instants as a person reads them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, getcontext, localcontext
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal

DATES = {"zh": "yyyy-MM-dd", "en": "d MMM yyyy"}
INSTANTS = {"zh": "yyyy-MM-dd HH:mm", "en": "d MMM yyyy, HH:mm"}

MOST_CENTS = 4
"""The most decimals a currency of the world is counted in."""

LOCALES = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}
"""Read once: reading one looks through the list of all that there are."""


@dataclass(frozen=True, slots=True)
class Formats:
    """The habits of one language, in one zone, for one app's currency."""

    language: str
    zone: str
    currency: str

    @property
    def locale(self) -> Locale:
        return LOCALES[self.language]

    def number(self, value: Decimal | int, scale: int | None = None) -> str:
        """Return a number with grouping; `scale` decimals, or as many as it has."""
        decimals = scale if scale is not None else max(0, -exponent(Decimal(value)))
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        with exactly(Decimal(value), decimals):
            return str(format_decimal(value, format=pattern, locale=self.locale))

    def money(self, value: Decimal, currency: str = "") -> str:
        """Return an amount with its currency."""
        with exactly(value, MOST_CENTS):
            shown = format_currency(value, currency or self.currency, locale=self.locale)
        return str(shown).replace("CN¥", "¥")

    def compact_money(self, value: Decimal) -> str:
        """Return a large amount shortly, as a figure on a dashboard: 1.28M, 128 万."""
        sign = "-" if value < 0 else ""
        size = abs(value)
        steps = (
            ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))
            if self.language == "zh"
            else ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**4), "K"))
        )
        for step, name in steps:
            if size >= step:
                unit = Decimal(1000) if name == "K" else step
                with exactly(size, 1):
                    short = (size / unit).quantize(Decimal("0.1"), ROUND_HALF_UP)
                return f"{sign}{self.symbol}{self.number(short, 1)}{name}"
        return sign + self.symbol + self.number(size, 0 if size == size.to_integral() else 2)

    @property
    def symbol(self) -> str:
        """The currency's sign."""
        return self.money(Decimal(0)).replace("0.00", "").replace("0", "").strip()

    def percent(self, value: Decimal) -> str:
        """Return a fraction as a percentage, without needless zeros."""
        with exactly(value, -exponent(value)):
            points = (value * 100).normalize()
        return f"{self.number(points, max(0, -exponent(points)))}%"

    def date(self, value: date) -> str:
        """Return a day."""
        return str(format_date(value, DATES[self.language], locale=self.locale))

    def instant(self, value: datetime) -> str:
        """Return an instant in the person's zone."""
        here = value.astimezone(ZoneInfo(self.zone))
        return str(format_datetime(here, INSTANTS[self.language], locale=self.locale))

    def time(self, value: time) -> str:
        """Return a time of day."""
        return str(format_time(value, "HH:mm", locale=self.locale))

    def duration(self, value: timedelta) -> str:
        """Return a length of time as hours and minutes."""
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60}:{minutes % 60:02d}"


def exactly(value: Decimal, decimals: int) -> AbstractContextManager[Context]:
    """Return a context that carries every digit of a number rounded to `decimals`."""
    digits = value.adjusted() + 2 + decimals if value.is_finite() else 0
    return localcontext(prec=max(getcontext().prec, digits))


def exponent(value: Decimal) -> int:
    """Return the power of ten of a number's last digit; 0 for what is not a number."""
    found = value.as_tuple().exponent
    return found if isinstance(found, int) else 0
