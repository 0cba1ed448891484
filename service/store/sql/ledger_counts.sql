-- How much a ledger holds: $1 ledger.
SELECT
    (SELECT count(*) FROM tarih.relationships AS r WHERE r.ledger = $1) AS relationships,
    (SELECT count(*) FROM tarih.claims AS c WHERE c.ledger = $1) AS claims
