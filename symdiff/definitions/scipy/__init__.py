"""Functions of SciPy; each module is loaded where the program has loaded SciPy's own."""
