"""Python's statements: loops, `try`, generators, comprehensions, `match`."""
