"""A house that quotes, its papers, and people who may read more or less of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest

from boot.wiring import House
from engine.context import Actor, Context
from engine.documents.service import Documents, Paper
from engine.values.identity import new_id
from tests.conftest import TenantMaker

APP = (Path(__file__).parent / "papers.yaml").read_text("utf-8")

LINES = (
    ("液压泵", "3", "1999.99", "5%"),
    ("齿轮泵", "7", "128.55", "0%"),
    ("螺栓", "1", "0.33", "50%"),
)
"""Product, quantity, price, discount: 5,699.97, 899.85 and 0.17, with 13 % tax 7,457.99."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who quotes; `quote` makes a quote of lines and returns its id."""

    house: House
    ctx: Context

    @property
    def documents(self) -> Documents:
        return self.house.services.documents

    def quote(self, code: str = "Q-1", lines: int = 0, **values: object) -> UUID:
        def line(name: str, quantity: str, price: str, discount: str) -> dict[str, object]:
            made = self.house.writer.create(self.ctx, "product", [{"name": name}]).ids[0]
            off = str(float(discount.rstrip("%")) / 100)
            return {
                "product": str(made),
                "quantity": quantity,
                "unit_price": price,
                "discount": off,
            }

        customer = {"name": "上海机电 <b>有限</b> & 公司", "phone": "13812345678", "secret": "绝密"}
        buyer = self.house.writer.create(self.ctx, "customer", [customer]).ids[0]
        many = [line(f"零件 {at}", "2", "10", "0%") for at in range(min(lines, 5))]
        sold = (
            [line(*each) for each in LINES] if not lines else [many[at % 5] for at in range(lines)]
        )
        payload = {
            "code": code, "customer": str(buyer), "lines": sold, "quote_date": "2026-03-31",
            **values,
        }  # fmt: skip
        return self.house.writer.create(self.ctx, "quote", [payload]).ids[0]

    def paper(self, record: UUID, name: str = "paper", language: str = "zh") -> Paper:
        document = self.documents.named(self.ctx, self.ctx.model.entities["quote"], name)
        return self.documents.make(self.ctx, document, [record], language=language)[0]

    def seen_by(self, *roles: str) -> Desk:
        """Return the desk of somebody else, with these roles alone."""
        person = Actor(new_id(self.ctx.now), "Lin Xiao", roles)
        return replace(self, ctx=replace(self.ctx, actor=person))


@pytest.fixture(scope="session")
def desk(furnished: House, tenant_of: TenantMaker) -> Desk:
    return Desk(furnished, tenant_of(APP))


Read = Callable[[bytes], list[str]]


@pytest.fixture(scope="session")
def read() -> Read:
    """Return the text of each page of a PDF, runs of blanks as one."""

    def pages(content: bytes) -> list[str]:
        with pypdfium2.PdfDocument(BytesIO(content)) as found:
            return [re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in found]

    return pages
