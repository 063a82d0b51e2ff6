"""The cards of the device page, in the order they are shown. A new card is a file, its template and a line here."""

from views_engine.dashboard.cards import battery, custom, humidity, location, temperature
from views_engine.dashboard.cards.card import Card

CARDS: tuple[Card, ...] = (
    temperature.CARD,
    humidity.CARD,
    battery.CARD,
    location.CARD,
    custom.CARD,
)

__all__ = ["CARDS", "Card"]
