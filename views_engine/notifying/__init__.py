"""Telling people and other systems of alerts."""
