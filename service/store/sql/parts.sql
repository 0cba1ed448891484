-- What was ever said to be part of what, as a position knew it: $1 ledger, $2 generation, $3 position.
SELECT DISTINCT v.timeline AS part, e.part_of
FROM tarih.claim_versions AS v
CROSS JOIN LATERAL (
    SELECT e.content -> 'data' ->> 'part_of' AS part_of FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.content_position AND v.content_position
    ORDER BY e.position
    LIMIT 1
) AS e
WHERE v.ledger = $1 AND v.generation = $2 AND v.type = 'actor' AND v.from_position <= $3 AND v.to_position > $3
    AND v.retraction IS NULL AND e.part_of IS NOT NULL
