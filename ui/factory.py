"""The web application: pages, API, and the gate in front of both."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, jsonify

from ui.blueprints.account import create_account
from ui.blueprints.admin import create_admin
from ui.blueprints.agenda import create_agenda
from ui.blueprints.api import create_api
from ui.blueprints.approvals import create_approvals
from ui.blueprints.arriving import create_arriving
from ui.blueprints.bulk import create_bulk
from ui.blueprints.calling import create_calling
from ui.blueprints.dashboards import create_dashboards
from ui.blueprints.desk import create_desk
from ui.blueprints.exchange import create_exchange
from ui.blueprints.feeds import create_feeds
from ui.blueprints.following import create_following
from ui.blueprints.grid import create_grid
from ui.blueprints.inbox import create_inbox
from ui.blueprints.keeping import create_keeping
from ui.blueprints.logo import create_logo
from ui.blueprints.mail import create_mail
from ui.blueprints.merging import create_merging
from ui.blueprints.page import Site
from ui.blueprints.papers import create_papers
from ui.blueprints.pools import create_pools
from ui.blueprints.pressing import create_pressing
from ui.blueprints.preview import create_preview
from ui.blueprints.records import create_records
from ui.blueprints.refusals import register_refusals, register_waiting
from ui.blueprints.reports import create_reports
from ui.blueprints.sharing import create_sharing
from ui.blueprints.views import create_views
from ui.blueprints.workspace import create_workspace
from ui.bundle import read_bundle
from ui.forwarded import Forwarded, networks
from ui.gate import guard
from ui.metrics import add_metrics
from ui.packed import pack_pages
from ui.rendering import create_renderer
from ui.services import Services
from ui.settings import UiSettings
from ui.static_files import serve_static
from ui.throttle import Throttle

PAGES: tuple[Callable[[Site], Blueprint], ...] = (
    create_workspace,
    create_dashboards,
    create_reports,
    create_inbox,
    create_preview,
    create_records,
    create_pools,
    create_approvals,
    create_pressing,
    create_desk,
    create_calling,
    create_merging,
    create_keeping,
    create_grid,
    create_bulk,
    create_views,
    create_agenda,
    create_feeds,
    create_exchange,
    create_papers,
    create_admin,
    create_sharing,
    create_mail,
)
"""What makes the routes of people who are signed in, in the order that they are looked through."""


def create_app(services: Services, settings: UiSettings | None = None) -> Flask:
    """Return the application over these services; raise `BundleMissing` without built assets."""
    chosen = settings or UiSettings()
    app = Flask(__name__, static_folder=None)
    proxies = networks(chosen.trusted_proxies)
    app.wsgi_app = Forwarded(app.wsgi_app, proxies, secure=chosen.secure_cookies)  # type: ignore[method-assign]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    site = Site(services, chosen, create_renderer(read_bundle()))
    app.register_blueprint(create_api(services, Throttle(chosen.api_rate)))
    app.register_blueprint(create_account(site, Throttle(chosen.door_rate)))
    for create in PAGES:
        app.register_blueprint(create(site))
    app.register_blueprint(create_logo(services))
    app.register_blueprint(create_arriving(site, Throttle(chosen.door_rate)))
    app.register_blueprint(create_following(site))
    register_refusals(app, site)
    register_waiting(app, site)
    serve_static(app)
    _add_health(app, services)
    add_metrics(app, services.health, chosen.metrics_token)
    guard(app, chosen)
    pack_pages(app)
    return app


def _add_health(app: Flask, services: Services) -> None:
    @app.get("/healthz")
    def healthy() -> Response:
        return jsonify({"status": "ok"})

    @app.get("/readyz")
    def ready() -> tuple[Response, int]:
        problems = services.health.ready()
        # A database beside the registry's that is away keeps nobody else from being served.
        further = () if problems else services.health.further()
        return jsonify({"problems": [*problems, *further]}), 503 if problems else 200
