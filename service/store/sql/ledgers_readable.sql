-- Ledgers with where they stand, by name: those that are public or among $1 (null for any), after $2, $3 at most.
SELECT l.ledger, l.title, l.public_read, (extract(epoch FROM l.created_at) * 1000000)::bigint AS created_us,
    h.position, (extract(epoch FROM h.recorded_at) * 1000000)::bigint AS recorded_us, h.digest, h.epoch
FROM tarih.ledgers AS l
JOIN tarih.heads AS h ON h.ledger = l.ledger
WHERE (l.public_read OR $1::text[] IS NULL OR l.ledger = ANY ($1::text[])) AND l.ledger > $2
ORDER BY l.ledger
LIMIT $3
