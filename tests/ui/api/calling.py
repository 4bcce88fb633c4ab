"""A tenant's API under one token, as a script would use it, without a socket between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from boot.wiring import House
from engine.context import Context


@dataclass(frozen=True, slots=True)
class Api:
    """Calls in one language; `house` and `ctx` are what stands behind them."""

    client: FlaskClient
    ctx: Context
    house: House
    token: str
    language: str = "en"

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Send one request; a body of bytes is sent as it is, anything else as JSON."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Accept-Language": self.language,
            **(headers or {}),
        }
        if isinstance(body, bytes):
            more["data"] = body
        elif body is not None:
            more["json"] = body
        address = f"/api/v1/{self.ctx.tenant.name}{path}"
        return self.client.open(address, method=method, query_string=query, headers=sent, **more)

    def get(self, path: str, **query: str) -> Any:
        """Return what a GET answers, which must succeed."""
        answer = self.call("GET", path, query=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def create(self, entity: str, **values: object) -> Any:
        """Create a record, which must succeed, and return it."""
        answer = self.call("POST", f"/records/{entity}", values)
        assert answer.status_code == 201, answer.text
        return answer.json

    def speaking(self, language: str) -> Api:
        """Return the same in another language."""
        return replace(self, language=language)


Calling = Callable[..., Api]
"""Gives a new person with a role and a token of these scopes: `calling("clerk", "read")`."""


def codes(answer: TestResponse) -> set[tuple[str, str]]:
    """Return the errors of a refusal: where, with dots, and the code."""
    return {(".".join(map(str, each["path"])), each["code"]) for each in answer.json["errors"]}
