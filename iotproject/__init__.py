"""Wiring: configuration, addresses, processes."""
