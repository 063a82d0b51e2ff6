"""The admin of rules and alerts."""

from views_engine.alerts.admin import rules

__all__ = ["rules"]
