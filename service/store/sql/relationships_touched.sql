-- How far relationships had come by a position: $1 ledger, $2 relationships, $3 position.
SELECT s.relationship, m.revision, r.first_position AS first, (extract(epoch FROM f.recorded_at) * 1000000)::bigint AS first_us,
    m.position AS last, (extract(epoch FROM l.recorded_at) * 1000000)::bigint AS last_us
FROM unnest($2::text[]) AS s (relationship)
JOIN tarih.relationships AS r ON r.ledger = $1 AND r.relationship = s.relationship
CROSS JOIN LATERAL (
    SELECT m.revision, m.position FROM tarih.memberships AS m
    WHERE m.ledger = $1 AND m.relationship = s.relationship AND m.position <= $3
    ORDER BY m.position DESC
    LIMIT 1
) AS m
JOIN tarih.events AS f ON f.ledger = $1 AND f.position = r.first_position
JOIN tarih.events AS l ON l.ledger = $1 AND l.position = m.position
