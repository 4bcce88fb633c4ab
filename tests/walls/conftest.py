"""Our tenant of the CRM, with people in every role, beside a foreign one full of secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from boot.connection import Address
from boot.settings import read_settings
from boot.tenancy import Wanted, make_tenant
from boot.wiring import House, furnish
from engine.context import Context
from tests.conftest import Installation
from tests.walls.neighbours import Person, fill_with_secrets, person
from tests.walls.routes import Call
from ui.factory import create_app
from ui.session import COOKIE, CSRF_HEADER
from ui.settings import UiSettings


@dataclass(frozen=True, slots=True)
class Street:
    """Two tenants on one installation; `people` are ours, by role, `stranger` is of the other."""

    house: House
    app: Flask
    ours: Context
    theirs: Context
    people: Mapping[str, Person]
    stranger: Person
    filled: frozenset[str]

    def browser(self, who: Person) -> FlaskClient:
        client = self.app.test_client()
        client.set_cookie(COOKIE, who.session)
        return client

    def ask(self, client: FlaskClient, call: Call, who: Person) -> TestResponse:
        """Make a call in a session, as a page of ours would."""
        headers = {CSRF_HEADER: who.csrf, "Accept-Language": "en"}
        return client.open(call.path, headers=headers, **call.options())

    def ask_with(self, token: str, call: Call) -> TestResponse:
        """Make a call with a token, as a program would."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return self.app.test_client().open(call.path, headers=headers, **call.options())

    def document(self, ctx: Context, who: Person) -> Any:
        call = Call("GET", f"/api/v1/{ctx.tenant.name}/openapi.json", "openapi")
        return self.ask_with(who.tokens["all"], call).json


@pytest.fixture(scope="session")
def street(installation: Installation) -> Iterator[Street]:
    house = furnish(
        read_settings({}), Address(admin=None, app=installation.url), installation.database
    )
    ours, theirs = (
        make_tenant(house, Wanted(name=name, template="crm", language="en"))
        for name in ("walls-ours", "walls-theirs")
    )
    people = {role: person(house, ours, (role,)) for role in ours.model.roles}
    stranger = person(house, theirs, ("administrator",))
    filled = fill_with_secrets(installation, theirs)
    app = create_app(house.services, UiSettings(api_rate=0))
    yield Street(house, app, ours, theirs, people, stranger, frozenset(filled))
