-- $1 ledger, $2 claims that no event accounts for.
DELETE FROM tarih.claims AS c WHERE c.ledger = $1 AND c.claim = ANY ($2)
