"""HTTP in and out; a new endpoint is a handler in a module here, and a line in ``operations.py``."""
