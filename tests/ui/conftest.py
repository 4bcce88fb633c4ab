"""A small sales app served to a signed-in person, as a browser would see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from boot.wiring import House
from engine.context import Context
from engine.tenants.members import enrol
from tests.conftest import TenantMaker
from ui.factory import create_app
from ui.session import COOKIE, CSRF_HEADER

SHOP = (Path(__file__).parent / "shop.yaml").read_text("utf-8")

PASSWORD = "four words are enough"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser of one person in one tenant; `user` is their row there."""

    client: FlaskClient
    ctx: Context
    house: House
    csrf: str
    user: UUID

    def path(self, address: str) -> str:
        return f"/{self.ctx.tenant.name}{address}"

    def get(self, address: str, *, language: str = "en") -> TestResponse:
        return self.client.get(self.path(address), headers={"Accept-Language": language})

    def send(self, address: str, body: Any, *, csrf: str | None = None) -> TestResponse:
        headers = {CSRF_HEADER: self.csrf if csrf is None else csrf, "Accept-Language": "en"}
        return self.client.post(self.path(address), json=body, headers=headers)

    def create(self, entity: str, **values: Any) -> str:
        answer = self.send(f"/records/{entity}", {"values": values})
        assert answer.status_code == 200, answer.text
        return str(answer.json["location"]).rsplit("/", 1)[1]


Visiting = Callable[[str], Visitor]


@pytest.fixture(scope="session")
def serving(furnished: House) -> House:
    """The services that the pages stand on."""
    return furnished


@pytest.fixture(scope="session")
def shop(tenant_of: TenantMaker) -> Context:
    return tenant_of(SHOP)


@pytest.fixture(scope="session")
def visiting(serving: House, shop: Context) -> Visiting:
    """Sign a new person in with a role."""
    return visits(serving, shop)


def visits(serving: House, ctx: Context) -> Visiting:
    """Return what signs new people in to a tenant, each with a role."""
    app = create_app(serving.services)

    def visit(role: str) -> Visitor:
        email = f"{role}-{uuid4().hex[:8]}@example.com"
        account = serving.accounts.create(email, name="Lin Xiao", password=PASSWORD, language="")
        user = enrol(serving.accounts, serving.writer, ctx, account, roles=(role,))
        client = app.test_client()
        signed_in = serving.accounts.sign_in(email, PASSWORD, address="127.0.0.1")
        assert signed_in is not None
        client.set_cookie(COOKIE, signed_in.secret)
        return Visitor(client, ctx, serving, signed_in.csrf, user)

    return visit


@pytest.fixture(scope="session")
def visitor(visiting: Visiting) -> Visitor:
    return visiting("administrator")


def titles(html: str) -> list[str]:
    """The titles of a list's rows, in order."""
    return re.findall(r'class="row-link"[^>]*>([^<]*)<', html)
