-- What an earlier batch was answered: $1 ledger, $2 event ids, or $3 positions.
SELECT e.event_id, e.claim, e.position, e.revisions, b.last_position, b.digest,
    (extract(epoch FROM b.recorded_at) * 1000000)::bigint AS recorded_us
FROM tarih.events AS e
JOIN LATERAL (
    SELECT b.last_position, b.digest, b.recorded_at
    FROM tarih.batches AS b
    WHERE b.ledger = $1 AND b.last_position >= e.position
    ORDER BY b.last_position
    LIMIT 1
) AS b ON true
WHERE e.ledger = $1 AND (e.event_id = ANY ($2) OR e.position = ANY ($3))
ORDER BY e.position
