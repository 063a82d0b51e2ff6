"""The humidity card."""

from views_engine.dashboard.cards.card import Card

CARD = Card(event_type="humidity", title="Humidity", template="cards/humidity.html", digits=1)
