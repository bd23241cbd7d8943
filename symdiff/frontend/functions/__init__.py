"""Calls: of users' functions, of recursive ones, and of the libraries'."""
