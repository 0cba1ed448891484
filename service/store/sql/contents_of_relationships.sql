-- Positions of events that touch one of some relationships, the latest first: $1 ledger, $2 relationships, $3 before this
-- position, $4 how many.
SELECT DISTINCT m.position
FROM unnest($2::text[]) AS s (relationship)
CROSS JOIN LATERAL (
    SELECT m.position
    FROM tarih.memberships AS m
    WHERE m.ledger = $1 AND m.relationship = s.relationship AND m.position < $3
    ORDER BY m.position DESC
    LIMIT $4
) AS m
ORDER BY m.position DESC
LIMIT $4
