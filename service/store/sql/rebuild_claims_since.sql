-- The claims acted on after a position: $1 ledger, $2 position, $3 the last position to look at.
SELECT DISTINCT e.claim
FROM tarih.events AS e
WHERE e.ledger = $1 AND e.position > $2 AND e.position <= $3
ORDER BY e.claim
