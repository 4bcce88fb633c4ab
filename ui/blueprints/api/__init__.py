"""The API of a tenant: records, bulk, aggregates, metadata, formulas, imports, its OpenAPI."""

from ui.blueprints.api.blueprint import PREFIX, create_api, http_error

__all__ = ["PREFIX", "create_api", "http_error"]
