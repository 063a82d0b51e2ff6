"""Truth on demand: an independent fold of the raw log, and the comparison of every view with it.

The fold is the specification in plain Python. It shares no code with decoding, the calculator and its units, so that
a mistake has to be made twice, in two ways of thinking, to go unnoticed.
"""
