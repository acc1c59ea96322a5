"""Status lights, and lights for faces."""
