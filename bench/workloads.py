"""What is compared: a list, groups, a create, an update, a change of one line among many."""

from __future__ import annotations

from hashlib import md5
from uuid import UUID

from bench.measure import Ask, Workload
from bench.rows import Sizes

API = "/api/v1/{tenant}"

FIELDS = "name,customer,stage,amount,weighted_amount,close_date,description,created_at,updated_at"


def row_id(entity: str, number: int) -> UUID:
    """Return the id that `bench.rows.identity` gives a row."""
    return UUID(md5(f"{entity}{number}".encode(), usedforsecurity=False).hexdigest())


def workloads(tenant: str, sizes: Sizes) -> tuple[Workload, ...]:
    """Return the workloads of a tenant over rows of these sizes."""
    api = API.format(tenant=tenant)
    return (_list(api), _groups(api), _create(api, sizes), _update(api, sizes), _line(api, sizes))


def _list(api: str) -> Workload:
    query = f"filter=stage%3D%3D%22proposal%22&sort=-amount&limit=50&fields={FIELDS}"
    return Workload(
        "list of 50, filtered and sorted",
        1.5,
        lambda turn: Ask("GET", f"{api}/records/opportunity?{query}"),
        lambda turn: Ask("GET", "/opportunities?stage=proposal"),
    )


def _groups(api: str) -> Workload:
    body = {"group_by": ["stage"], "measures": {"total": "SUM(amount)", "count": "COUNT()"}}
    return Workload(
        "count and sum by stage",
        1.2,
        lambda turn: Ask("POST", f"{api}/aggregate/opportunity", body),
        lambda turn: Ask("GET", "/opportunities/by-stage"),
        share=0.1,
    )


def _update(api: str, sizes: Sizes) -> Workload:
    def path(turn: int) -> UUID:
        return row_id("opportunity", 1 + turn * 97 % sizes.opportunities)

    def change(turn: int) -> dict[str, str]:
        return {"amount": f"{2000 + turn}.25"}

    return Workload(
        "change an opportunity",
        2.0,
        lambda turn: Ask("PATCH", f"{api}/records/opportunity/{path(turn)}", change(turn)),
        lambda turn: Ask("PATCH", f"/opportunities/{path(turn)}", change(turn)),
    )


def _create(api: str, sizes: Sizes) -> Workload:
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
        lambda turn: Ask("POST", f"{api}/records/opportunity", values(turn), 201),
        lambda turn: Ask("POST", "/opportunities", {**values(turn), "probability": "0.25"}, 201),
    )


def _line(api: str, sizes: Sizes) -> Workload:
    def places(turn: int) -> tuple[UUID, UUID]:
        quote = 1 + turn % sizes.quotes
        line = 1 + (quote - 1) * sizes.lines + turn % sizes.lines
        return row_id("quote", quote), row_id("quote_line", line)

    def ours(turn: int) -> Ask:
        quote, line = places(turn)
        change = {"id": str(line), "quantity": f"{1 + turn % 50}.25"}
        return Ask("PATCH", f"{api}/records/quote/{quote}", {"lines": {"update": [change]}})

    def theirs(turn: int) -> Ask:
        quote, line = places(turn)
        return Ask("PATCH", f"/quotes/{quote}/lines/{line}", {"quantity": f"{1 + turn % 50}.25"})

    return Workload(f"change one line of a quote of {sizes.lines}", 2.0, ours, theirs)
