-- Every actor that some claim was ever about: $1 ledger.
SELECT DISTINCT v.timeline
FROM tarih.claim_versions AS v
WHERE v.ledger = $1 AND v.type = 'actor' AND v.from_position > 0
    AND v.generation = (SELECT h.generation FROM tarih.heads AS h WHERE h.ledger = $1)
