"""PostgreSQL: the only floor, below the roof, that knows it; a statement goes into ``sql/``, its caller beside its like."""
