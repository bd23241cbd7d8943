"""The version, kept apart so that the lowest layers can name it."""

__version__ = "0.1.0"
