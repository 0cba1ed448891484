-- Who survives the merges that gave up these actors: $1 ledger, $2 claims of the merges.
SELECT c.claim, s.actor AS survivor
FROM tarih.claims AS c
JOIN tarih.parties AS s ON s.ledger = c.ledger AND s.position = c.content_position AND s.role = 'survivor'
WHERE c.ledger = $1 AND c.claim = ANY ($2)
