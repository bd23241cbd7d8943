"""Formulas of scalar programs, by SymPy."""
