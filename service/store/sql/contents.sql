-- Positions of contents, the latest first: $1 ledger, $2 before this position, $3 how many events to look at.
SELECT s.position, s.type IS NOT NULL AS content
FROM (
    SELECT e.position, e.type
    FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position < $2
    ORDER BY e.position DESC
    LIMIT $3
) AS s
ORDER BY s.position DESC
