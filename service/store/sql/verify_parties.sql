-- Every party in order of its event: $1 ledger.
SELECT a.position, a.actor, a.role
FROM tarih.parties AS a
WHERE a.ledger = $1
ORDER BY a.position
