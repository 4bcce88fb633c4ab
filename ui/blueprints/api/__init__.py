"""The API of a tenant: records, bulk, aggregates, metadata, formulas, imports, its OpenAPI."""

from ui.blueprints.api.blueprint import PREFIX, create_api, http_error
from ui.blueprints.api.openapi import document_of

__all__ = ["PREFIX", "create_api", "document_of", "http_error"]
