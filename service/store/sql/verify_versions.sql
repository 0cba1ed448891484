-- Every version of the generation in use, in the order in which they began: $1 ledger, $2 generation.
SELECT v.from_position AS position, v.to_position, v.claim, v.timeline, v.content_position, v.type, v.starts_earliest,
    v.starts_latest, v.ends_earliest, v.ends_latest, v.expectation, v.retraction, v.fulfilled_by, v.words
FROM tarih.claim_versions AS v
WHERE v.ledger = $1 AND v.generation = $2
ORDER BY v.from_position, v.claim
