"""The text of functions, and what their names and calls mean before any values."""
