"""What administrators do about values that a change of type left beside their fields."""

from engine.conversions.service import Conversions, Mended, OpenConversion, Said

__all__ = ["Conversions", "Mended", "OpenConversion", "Said"]
