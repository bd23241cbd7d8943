"""Functions of modules of Python, each loaded where the program has loaded Python's."""
