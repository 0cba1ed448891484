-- Every membership in order of its event: $1 ledger.
SELECT m.position, m.relationship, m.revision, m.claim
FROM tarih.memberships AS m
WHERE m.ledger = $1
ORDER BY m.position
