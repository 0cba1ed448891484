"""PostgreSQL from the wheel: where a cluster lives, and the life of its server; for development and tests."""
