"""Stages for the runner's own tests."""

from tests.scenes import registry, stages

__all__ = ["registry", "stages"]
