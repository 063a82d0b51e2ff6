"""A fleet that does not exist: what its devices measure (`fleet`), how late it arrives (`lateness`), and its faults.

Everything is a pure function of a seed and of time that is handed in. `replay` does the same with recorded data.
"""
