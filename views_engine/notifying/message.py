"""What is sent: the facts of a change, frozen when it happened, and the words that every transport shares."""

from collections.abc import Mapping
from typing import Any

import msgspec

from views_engine.notifying.policy import Tone

WORDS = {
    "raised": "raised",
    "changed": "changed",
    "cleared": "cleared",
    "withdrawn": "withdrawn: it never happened",
    "merged": "merged into another alert",
    "reopened": "reopened",
    "test": "test",
}


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one channel. `body` is what was kept in the outbox; `key` is the same at every attempt."""

    key: str
    tone: Tone
    body: Mapping[str, Any]

    @property
    def alert(self) -> Mapping[str, Any]:
        return dict(self.body["alert"])

    @property
    def title(self) -> str:
        """`[critical] Too hot: meter-7 raised`; corrections and notes say that they are."""
        change = self.body["change"]
        mark = "corrected" if self.body["corrected"] else "note" if self.tone is Tone.NOTE else self.alert["severity"]
        return f"[{mark}] {self.alert['rule_name']}: {self.alert['device_id']} {WORDS.get(change, change)}"

    def lines(self) -> list[str]:
        """What there is to know, a fact a line."""
        alert = self.alert
        facts = {
            "Severity": alert["severity"],
            "Started": alert["started_at"],
            "Raised": alert["raised_at"],
            "Cleared": alert["cleared_at"],
            "Value": alert["value"],
            "Alert": f"{alert['id']}, revision {self.body['revision']}",
        }
        why = ["Late events changed what was said before."] if self.body["corrected"] else []
        return [f"{name}: {value}" for name, value in facts.items() if value is not None] + why
