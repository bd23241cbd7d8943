"""The list of equations that a function executes for given arguments.

A program is run by the interpreter of its IR; what each round of each loop computes
becomes an equation of its own, with its value.
"""
