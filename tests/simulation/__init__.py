"""The pure core run by seed: reformers, calculators, board and controllers on a log in memory, with a simulated clock.

Everything that may go wrong does: lateness, duplicates, conflicts, crashes before and after every durable write,
processes that stop for a while and come back, two controllers that decide on stale facts.
"""
