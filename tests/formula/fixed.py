"""What is fixed in the little world: its calendars, and what its options are called."""

from __future__ import annotations

from datetime import date

from formula.calendars import Calendar

DAY_HOURS = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
OFFICE = Calendar(
    "office",
    (*(DAY_HOURS,) * 5, (), ()),  # type: ignore[arg-type]  # five days and two
    (
        (date(2024, 5, 1), ()), (date(2024, 5, 2), ()), (date(2024, 5, 3), ()),
        (date(2024, 5, 11), DAY_HOURS), (date(2024, 6, 10), ()),
    ),
)  # fmt: skip
ROUND_THE_CLOCK = Calendar(
    "service",
    (*(((0, 24 * 60),),) * 6, ((10 * 60, 12 * 60),)),  # type: ignore[arg-type]  # six days and one
    ((date(2024, 5, 1), ((8 * 60, 20 * 60),)), (date(2024, 5, 5), ())),
)
NEVER = Calendar("never", ((),) * 7)
CALENDARS = {"": OFFICE, "office": OFFICE, "service": ROUND_THE_CLOCK, "never": NEVER}
KIND_LABELS = {
    "en": {"machine": "Machine", "parts": "Parts", "service": "Service"},
    "zh": {"machine": "整机", "parts": "配件", "service": "服务"},
}
