"""The API of a tenant: records, bulk, aggregates, metadata, formulas, imports, its OpenAPI."""

from ui.blueprints.api.blueprint import create_api

__all__ = ["create_api"]
