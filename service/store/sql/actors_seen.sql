-- Where contents first and last named an actor by a position: $1 ledger, $2 actors, $3 position.
SELECT s.actor, f.position AS first, (extract(epoch FROM f.recorded_at) * 1000000)::bigint AS first_us,
    l.position AS last, (extract(epoch FROM l.recorded_at) * 1000000)::bigint AS last_us
FROM unnest($2::text[]) AS s (actor)
CROSS JOIN LATERAL (
    SELECT a.position FROM tarih.parties AS a
    WHERE a.ledger = $1 AND a.actor = s.actor AND a.position <= $3
    ORDER BY a.position
    LIMIT 1
) AS a
CROSS JOIN LATERAL (
    SELECT z.position FROM tarih.parties AS z
    WHERE z.ledger = $1 AND z.actor = s.actor AND z.position <= $3
    ORDER BY z.position DESC
    LIMIT 1
) AS z
JOIN tarih.events AS f ON f.ledger = $1 AND f.position = a.position
JOIN tarih.events AS l ON l.ledger = $1 AND l.position = z.position
