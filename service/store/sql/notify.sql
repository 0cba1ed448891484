-- Tells every process where ledgers stand: $1 channel, $2 payloads.
SELECT pg_notify($1, p.payload) FROM unnest($2::text[]) AS p (payload)
