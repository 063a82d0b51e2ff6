"""The temperature card."""

from views_engine.dashboard.cards.card import Card

CARD = Card(event_type="temperature", title="Temperature", template="cards/temperature.html", digits=1)
