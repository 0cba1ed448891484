-- Versions of these claims in a generation that nobody reads yet: $1 ledger, $2 generation, $3 claims.
DELETE FROM tarih.claim_versions AS v WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = ANY ($3)
