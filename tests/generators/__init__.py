"""Generators of random programs as source text, one module each."""
