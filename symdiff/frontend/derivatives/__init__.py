"""Derivatives that a program takes, and functions that it hands to a library."""
