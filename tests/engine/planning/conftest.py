"""The small shop that schemas are tested on, for plans and what they say."""

from tests.engine.schema.conftest import make_shop, shop

__all__ = ["make_shop", "shop"]
