-- Relationships that any event had touched by a position, by id: $1 ledger, $2 after this id, $3 position, $4 how many.
SELECT r.relationship, r.first_position
FROM tarih.relationships AS r
WHERE r.ledger = $1 AND r.relationship > $2 AND r.first_position <= $3
ORDER BY r.relationship
LIMIT $4
