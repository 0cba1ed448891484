-- One rebuild of a ledger at a time, for as long as the session lasts: $1 ledger.
SELECT pg_try_advisory_lock(hashtextextended('tarih rebuild ' || $1::text, 0))
