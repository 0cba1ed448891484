-- What follows from the memberships: $1 ledger.
INSERT INTO tarih.relationships (ledger, relationship, revision, first_position, last_position)
SELECT m.ledger, m.relationship, max(m.revision), min(m.position), max(m.position)
FROM tarih.memberships AS m
WHERE m.ledger = $1
GROUP BY m.ledger, m.relationship
