"""The ground floor: pure values (dates, events, claims, as-of points), with no I/O and no clock."""
