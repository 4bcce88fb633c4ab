"""What is compared: a list, a create, a change of one line among twenty."""

from __future__ import annotations

from hashlib import md5
from uuid import UUID

from bench.installation import TENANT
from bench.measure import Ask, Workload
from bench.rows import Sizes

API = f"/api/v1/{TENANT}"

FIELDS = "name,customer,stage,amount,weighted_amount,close_date,description,created_at,updated_at"


def row_id(entity: str, number: int) -> UUID:
    """Return the id that `bench.rows.identity` gives a row."""
    return UUID(md5(f"{entity}{number}".encode(), usedforsecurity=False).hexdigest())


def workloads(sizes: Sizes) -> tuple[Workload, ...]:
    """Return the workloads over rows of these sizes."""
    return (_list(), _create(sizes), _line(sizes))


def _list() -> Workload:
    query = f"filter=stage%3D%3D%22proposal%22&sort=-amount&limit=50&fields={FIELDS}"
    return Workload(
        "list of 50, filtered and sorted",
        1.5,
        lambda turn: Ask("GET", f"{API}/records/opportunity?{query}"),
        lambda turn: Ask("GET", "/opportunities?stage=proposal"),
    )


def _create(sizes: Sizes) -> Workload:
    def values(turn: int) -> dict[str, str]:
        return {
            "name": f"Made {turn}",
            "customer": str(row_id("customer", 1 + turn % sizes.customers)),
            "stage": "qualify",
            "amount": f"{1000 + turn}.50",
            "close_date": "2027-05-01",
            "description": "Needs and background.",
        }

    return Workload(
        "create an opportunity",
        2.0,
        lambda turn: Ask("POST", f"{API}/records/opportunity", values(turn), 201),
        lambda turn: Ask("POST", "/opportunities", {**values(turn), "probability": "0.25"}, 201),
    )


def _line(sizes: Sizes) -> Workload:
    def places(turn: int) -> tuple[UUID, UUID]:
        quote = 1 + turn % sizes.quotes
        line = 1 + (quote - 1) * sizes.lines + turn % sizes.lines
        return row_id("quote", quote), row_id("quote_line", line)

    def ours(turn: int) -> Ask:
        quote, line = places(turn)
        change = {"id": str(line), "quantity": f"{1 + turn % 50}.25"}
        return Ask("PATCH", f"{API}/records/quote/{quote}", {"lines": {"update": [change]}})

    def theirs(turn: int) -> Ask:
        quote, line = places(turn)
        return Ask("PATCH", f"/quotes/{quote}/lines/{line}", {"quantity": f"{1 + turn % 50}.25"})

    return Workload("change one line of a quote of 20", 2.0, ours, theirs)
