"""A live server is reshaped again and again under load: no error, no wrong total, no lost write.

P-03: an administrator changes the application while people work in it.
"""

from __future__ import annotations

import random
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.acceptance.product import Api, Product, wait_for_import

APP = """
format: 1
app: {name: orders, label: Orders, version: "1.0", languages: [en]}
entities:
  buyer:
    label: Buyer
    title: name
    fields: {name: {type: text}, spent: {type: money, formula: "SUM(orders.total)"}}
  order:
    label: Order
    title: code
    fields:
      code: {type: text}
      note: {type: text}
      kind: {type: choice, options: {new: {label: New}, old: {label: Old}, odd: {label: Odd}}}
      buyer: {type: link, to: buyer, inverse: orders}
      total: {type: money, formula: "SUM(lines.amount)"}
  order_line:
    label: Line
    title_formula: '"line"'
    child_of: {entity: order, collection: lines}
    fields:
      quantity: {type: integer}
      price: {type: money}
      amount: {type: money, formula: "quantity * price"}
"""

CHOICES: dict[str, tuple[str, ...]] = {
    "order.extra": ("", "{type: text}", "{type: integer, index: true}", "{type: date}"),
    "order.more": ("", "{type: money, formula: 'total * 2'}", "{type: text, search: true}"),
    "order.note": ("", "{type: decimal}", "{search: true}", "{required: true}"),
    "order.code": ("", "{unique: true}", "{index: true}"),
    "order.total": ("", "{formula: 'SUM(lines.amount) + 1'}", "{formula: 'SUM(lines.amount)'}"),
    "order.kind": ("", "{options: {odd: {$retire: true, into: old}}}", "{label: Sort}"),
    "order_line.amount": ("", "{formula: 'quantity * price * 3'}"),
    "buyer.first": ("", "{type: text, formula: 'TEXT(spent, \"0.00\")'}"),
}
"""What each place may say in the tenant's own layer; nothing: what the template says."""


PAUSE = 0.02
"""Seconds between two calls of one person: the server is to be busy, not the machine."""

MERGED = "inactive_choice"
"""How an order is refused whose option was merged into another one meanwhile."""

ROWS = 1500
"""Rows of a file that is imported meanwhile."""


@dataclass(slots=True)
class Person:
    """Somebody who makes orders and changes them; `kept` is what was acknowledged."""

    api: Api
    number: int
    kept: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: int = 0
    odd: list[tuple[int, Any]] = field(default_factory=list)

    def work(self, stop: Event) -> None:
        chance = random.Random(self.number)  # noqa: S311 - which order is touched next
        buyer = self.api.create("buyer", name=f"Buyer {self.number}")["id"]
        while not stop.wait(PAUSE):
            if len(self.kept) < 5 or chance.random() < 0.3:
                self._order(buyer, chance.randint(1, 50))
            elif chance.random() < 0.5:
                self._change(chance.choice(list(self.kept)), chance.randint(1, 50))
            else:
                self._call("GET", "/records/order", query={"limit": "20", "sort": "-created_at"})

    def _order(self, buyer: str, quantity: int) -> None:
        lines = [{"quantity": quantity, "price": "2.50"}, {"quantity": 1, "price": "10"}]
        code = f"{self.number}-{self.calls}"
        body = {"code": code, "note": "12", "kind": "odd", "buyer": buyer, "lines": lines}
        made = self._call("POST", "/records/order", body, unless=MERGED) or self._call(
            "POST", "/records/order", {**body, "kind": "old"}
        )
        if made is not None:
            self.kept[made["id"]] = (code, quantity)

    def _change(self, order: str, quantity: int) -> None:
        found = self._call("GET", f"/records/order/{order}")
        if found is None:
            return
        line = found["lines"][0]["id"]
        body = {"lines": [{"id": line, "quantity": quantity}, {"id": found["lines"][1]["id"]}]}
        if self._call("PATCH", f"/records/order/{order}", body) is not None:
            self.kept[order] = (self.kept[order][0], quantity)

    def _call(
        self, method: str, path: str, body: object = None, unless: str = "", **more: Any
    ) -> Any:
        """Ask for something; a refusal is odd `unless` it is this one."""
        self.calls += 1
        answer = self.api.call(method, path, body, **more)
        if answer.status >= 300:
            if [each["code"] for each in answer.body.get("errors", [])] != [unless]:
                self.odd.append((answer.status, answer.body))
            return None
        return answer.body


@pytest.mark.parametrize(
    "edits", [5, pytest.param(200, marks=pytest.mark.soak)], ids=["everyday", "soak"]
)
def test_random_edits_under_load_break_nothing(
    product: Product, tmp_path: Path, edits: int
) -> None:
    template = tmp_path / "orders.yaml"
    template.write_text(APP, encoding="utf-8")
    product.tenant(f"edited{edits}", str(template))
    api = product.api(f"edited{edits}")
    people = [Person(api, number) for number in range(3)]
    stop = Event()

    imported = api.call(
        "POST", "/import/order", _file(), headers={"Content-Type": "text/csv"}
    )  # fmt: skip
    assert imported.status == 202, imported.body

    with ThreadPoolExecutor(len(people)) as pool:
        working: list[Future[None]] = [pool.submit(each.work, stop) for each in people]
        try:
            published = _reshape(api, edits)
        finally:
            stop.set()
        for done in working:
            done.result(timeout=120)

    assert [odd for each in people for odd in each.odd] == []
    assert published == list(range(2, 2 + len(published)))
    for each in people:
        assert each.calls > edits
        _check(api, each)
    wait_for_import(api, imported.body["id"], rows=ROWS, seconds=300)
    product.joinery("recompute", api.tenant, "--check")


def _reshape(api: Api, edits: int) -> list[int]:
    """Publish random edits one after the other; return the revisions they became."""
    chance, said = random.Random(20261122), dict.fromkeys(CHOICES, "")  # noqa: S311
    revisions = []
    for number in range(edits):
        place = chance.choice(list(CHOICES))
        said[place] = chance.choice([each for each in CHOICES[place] if each != said[place]])
        made = api.call("POST", "/drafts", {"title": f"Edit {number}"})
        assert made.status == 201, made.body
        path = f"/drafts/{made.body['name']}"
        put = api.call(
            "PUT", path, _layer(said).encode(), headers={"Content-Type": "application/yaml"}
        )
        assert put.status == 200, (said, put.body)
        done = api.call("POST", f"{path}/publish?wait=1", {"allow_loss": True, "message": place})
        assert done.status == 200, (said, done.body)
        revisions.append(done.body["revision"])
    return revisions


def _file() -> bytes:
    lines = [f"file {number:05d},{number}" for number in range(ROWS)]
    return ("code,note\n" + "\n".join(lines) + "\n").encode()


def _layer(said: dict[str, str]) -> str:
    entities: dict[str, list[str]] = {}
    for place, words in said.items():
        entity, name = place.split(".")
        if words:
            entities.setdefault(entity, []).append(f"{name}: {words}")
    lines = [f"  {entity}: {{fields: {{{', '.join(f)}}}}}" for entity, f in entities.items()]
    return "entities:\n" + "\n".join(lines) + "\n" if lines else "{}\n"


def _check(api: Api, person: Person) -> None:
    """Everything that was acknowledged is there as it was acknowledged last."""
    for order, (code, quantity) in person.kept.items():
        found = api.call("GET", f"/records/order/{order}").body
        assert found["code"] == code
        assert Decimal(str(found["lines"][0]["quantity"])) == quantity
