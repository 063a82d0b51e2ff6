"""The site with a running pipeline behind it, as `views_engine.tests` has it."""

from views_engine.tests.conftest import pipeline, shards, viewer

__all__ = ["pipeline", "shards", "viewer"]
