"""From the intermediate representation to Python text, and from text to functions."""
