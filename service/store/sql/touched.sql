-- How often a relationship had been touched by a position, and where last: $1 ledger, $2 relationship, $3 position.
SELECT m.revision, m.position
FROM tarih.memberships AS m
WHERE m.ledger = $1 AND m.relationship = $2 AND m.position <= $3
ORDER BY m.position DESC
LIMIT 1
