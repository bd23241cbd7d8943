"""Measurements of generated code and of the generator: `python -m benchmarks`."""
