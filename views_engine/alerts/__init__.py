"""Alerts as people work with them, and the rules that raise them."""
