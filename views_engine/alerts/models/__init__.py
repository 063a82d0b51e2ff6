"""What the alerts app keeps in the database."""

from views_engine.alerts.models.rule import Notify, Rule, Severity

__all__ = ["Notify", "Rule", "Severity"]
