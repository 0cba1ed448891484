"""PostgreSQL, which only this floor and the roof know; a statement goes into ``sql/``, its caller beside its like."""
