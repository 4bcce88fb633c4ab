"""The blueprint that holds the API's routes, and how its refusals are answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from engine.context import Context
from engine.errors import EngineError
from metamodel import DefinitionInvalid
from ui.blueprints.api.caller import Caller, authenticate
from ui.blueprints.api.problems import from_definition, from_error, from_http, problem
from ui.blueprints.api.routes import ROUTES, Route
from ui.services import Services
from ui.session import CsrfMissing, NotSignedIn
from ui.throttle import Throttle, TooMany

PREFIX = "/api/v1/"


def create_api(services: Services, throttle: Throttle) -> Blueprint:
    """Return the API's blueprint over these services."""
    blueprint = Blueprint("api", __name__, url_prefix=f"{PREFIX}<tenant>")
    for route in ROUTES:
        blueprint.add_url_rule(
            route.path,
            endpoint=f"{route.name}_{route.method.lower()}",
            view_func=_view(services, route, throttle),
            methods=[route.method],
        )
    blueprint.register_error_handler(NotSignedIn, _unauthenticated)
    blueprint.register_error_handler(CsrfMissing, _csrf_missing)
    blueprint.register_error_handler(TooMany, _too_many)
    blueprint.register_error_handler(HTTPException, http_error)
    blueprint.add_url_rule("/<path:unknown>", endpoint="unknown", view_func=_unknown)
    return blueprint


def _unknown(tenant: str, unknown: str) -> Response:
    return from_http(404, _language())


def _view(services: Services, route: Route, throttle: Throttle) -> Callable[..., Response]:
    @wraps(route.answer)
    def view(tenant: str, **parameters: Any) -> Response:
        language = _language()
        try:
            caller = authenticate(services, request, tenant)
            language = caller.ctx.language
            throttle.count(tenant, str(caller.account.id))

            def work(ctx: Context) -> Response:
                fresh = Caller(caller.account, ctx, caller.scopes)
                return route.answer(services, fresh, **parameters)

            return services.contexts.run(caller.ctx, work)
        except EngineError as error:
            return from_error(error, language)
        except DefinitionInvalid as error:
            return from_definition(error, language)

    return view


def _language() -> str:
    return request.accept_languages.best_match(["zh", "en"]) or "en"


def _unauthenticated(error: NotSignedIn) -> Response:
    response = problem(401, "unauthenticated", _language())
    response.headers["WWW-Authenticate"] = 'Bearer realm="joinery"'
    return response


def _too_many(error: TooMany) -> Response:
    response = problem(429, "too_many", _language())
    response.headers["Retry-After"] = str(error.wait)
    return response


def _csrf_missing(error: CsrfMissing) -> Response:
    return problem(403, "csrf", _language())


def http_error(error: HTTPException) -> Response:
    """Return the problem document of what HTTP refuses, wherever it was refused."""
    response = from_http(error.code or 500, _language())
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response
