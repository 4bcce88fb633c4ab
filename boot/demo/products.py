"""What the demo tenant sells: drives and controls for machines, their spares and services."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from boot.demo.data import rows

_SERVICES = frozenset({"services", "software"})


@dataclass(frozen=True, slots=True)
class Article:
    """One product; `category` is the key of a starter record, `usual` a usual quantity."""

    code: str
    name: str
    category: str
    unit: str
    price: Decimal
    cost: Decimal
    usual: int

    @property
    def kind(self) -> str:
        return "service" if self.category in _SERVICES else "goods"


def catalogue() -> tuple[Article, ...]:
    """Return every product."""
    return tuple(
        Article(
            code=row["code"],
            name=row["name"],
            category=row["category"],
            unit=row["unit"],
            price=Decimal(row["price"]),
            cost=Decimal(row["cost"]),
            usual=int(row["usual"]),
        )
        for row in rows("products")
    )
