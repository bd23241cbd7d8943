"""What Python brings along: objects, containers, modules, the built-in functions."""
