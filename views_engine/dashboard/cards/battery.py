"""The battery card."""

from views_engine.dashboard.cards.card import Card

CARD = Card(event_type="battery", title="Battery", template="cards/battery.html", digits=0)
