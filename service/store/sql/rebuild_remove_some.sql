-- Some versions of a generation that nobody reads: $1 ledger, $2 generation, $3 how many.
DELETE FROM tarih.claim_versions AS v
WHERE v.ledger = $1 AND v.generation = $2 AND (v.claim, v.timeline, v.from_position) IN (
    SELECT w.claim, w.timeline, w.from_position
    FROM tarih.claim_versions AS w
    WHERE w.ledger = $1 AND w.generation = $2
    ORDER BY w.claim, w.timeline, w.from_position
    LIMIT $3
)
