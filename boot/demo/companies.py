"""Companies that do not exist, at home and abroad, that the demo tenant sells to."""

from __future__ import annotations

from dataclasses import dataclass

from boot.demo.data import rows


@dataclass(frozen=True, slots=True)
class Company:
    """One customer; `domain` is the name of its address in the reserved domain `.example`."""

    name: str
    domain: str
    industry: str
    region: str
    country: str
    province: str
    city: str
    address: str
    employees: int

    @property
    def chinese(self) -> bool:
        return self.country == "中国"


def companies() -> tuple[Company, ...]:
    """Return every company, those at home first."""
    return tuple(
        Company(
            name=row["name"],
            domain=row["domain"],
            industry=row["industry"],
            region=row["region"],
            country=row["country"],
            province=row["province"],
            city=row["city"],
            address=row["address"],
            employees=int(row["employees"]),
        )
        for row in rows("companies")
    )
