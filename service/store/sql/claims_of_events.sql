-- The claims that the events at these positions act on: $1 ledger, $2 positions.
SELECT DISTINCT e.claim
FROM unnest($2::bigint[]) AS c (position)
CROSS JOIN LATERAL (
    SELECT e.claim FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN c.position AND c.position
    ORDER BY e.position
    LIMIT 1
) AS e
