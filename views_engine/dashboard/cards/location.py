"""The location card: the last known position; the track is drawn on the page's map."""

from views_engine.dashboard.cards.card import Card

CARD = Card(event_type="location", title="Location", template="cards/location.html", digits=5, charted=False)
