"""Operators, attributes, subscripts, and the places that are assigned to."""
