"""Numbers, money and dates as people of each language read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Context, Decimal

import pytest

from ui.formats import Formats

EN = Formats("en", "Asia/Shanghai", "CNY")
ZH = Formats("zh", "Asia/Shanghai", "CNY")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (EN.number(Decimal("1234.5"), 2), "1,234.50"),
        (EN.number(Decimal("-0.125")), "-0.125"),
        (EN.money(Decimal("7457.99")), "¥7,457.99"),
        (ZH.money(Decimal("7457.99")), "¥7,457.99"),
        (EN.compact_money(Decimal("1284000")), "¥1.3M"),
        (ZH.compact_money(Decimal("1284000")), "¥128.4万"),
        (ZH.compact_money(Decimal("-230000000")), "-¥2.3亿"),
        (EN.percent(Decimal("0.13")), "13%"),
        (EN.percent(Decimal("0.0825")), "8.25%"),
        (EN.date(date(2026, 3, 1)), "1 Mar 2026"),
        (ZH.date(date(2026, 3, 1)), "2026-03-01"),
        (ZH.instant(datetime(2026, 3, 1, 20, 5, tzinfo=UTC)), "2026-03-02 04:05"),
    ],
)
def test_a_value_is_shown_in_the_habits_of_the_language(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize("many", [Decimal("1E+30"), Decimal("9" * 40 + ".123456")])
def test_no_number_is_too_long_to_be_shown(many: Decimal) -> None:
    assert EN.number(many).replace(",", "") == f"{many:f}"
    assert EN.money(many).replace(",", "") == f"¥{many:.2f}"
    assert EN.compact_money(many).endswith("B")
    assert EN.percent(many).replace(",", "") == f"{many.scaleb(2, Context(prec=99)):f}%"
