-- Every relationship as it stands: $1 ledger.
SELECT r.relationship, r.revision, r.first_position, r.last_position
FROM tarih.relationships AS r
WHERE r.ledger = $1
