-- Claims that no event accounts for: $1 ledger.
SELECT c.claim
FROM tarih.claims AS c
WHERE c.ledger = $1
    AND NOT EXISTS (SELECT FROM tarih.events AS e WHERE e.ledger = c.ledger AND e.claim = c.claim)
ORDER BY c.claim
