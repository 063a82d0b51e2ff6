"""The figures, measured: one command each (`python -m benchmarks.<name>`), all of them with `python -m benchmarks`.

Each works in a data directory of its own, checks that what it measured is right, and prints one row per figure.
"""
