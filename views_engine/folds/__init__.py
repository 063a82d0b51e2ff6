"""Fold units: views in plain Python, exact for any lateness."""
