-- Positions of contents that name one of some actors, the latest first: $1 ledger, $2 actors, $3 before this position,
-- $4 how many.
SELECT DISTINCT a.position
FROM unnest($2::text[]) AS s (actor)
CROSS JOIN LATERAL (
    SELECT DISTINCT a.position
    FROM tarih.parties AS a
    WHERE a.ledger = $1 AND a.actor = s.actor AND a.position < $3
    ORDER BY a.position DESC
    LIMIT $4
) AS a
ORDER BY a.position DESC
LIMIT $4
