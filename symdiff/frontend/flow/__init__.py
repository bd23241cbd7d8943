"""Where control parts and meets: what branches and loops carry, and how they are left."""
