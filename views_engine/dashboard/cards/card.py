"""What a card of the device page is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The latest reading of one event type. An empty `event_type` stands for every type without a card of its own.

    `digits` is how many decimals people want to read; the API always gives all of them.
    """

    event_type: str
    title: str
    template: str
    digits: int = 1
    charted: bool = True
