"""The card of every custom event type; the page makes a copy for each type it meets."""

from views_engine.dashboard.cards.card import Card

CARD = Card(event_type="", title="Custom", template="cards/custom.html", digits=2)
