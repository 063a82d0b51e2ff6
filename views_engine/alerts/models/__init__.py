"""What the alerts app keeps in the database."""

from views_engine.alerts.models.alert import Alert, Comment, MirrorStanding, Revision, State
from views_engine.alerts.models.rule import Notify, Rule, Severity

__all__ = ["Alert", "Comment", "MirrorStanding", "Notify", "Revision", "Rule", "Severity", "State"]
