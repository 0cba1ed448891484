-- Which of some actors a claim names that is visible at a position: $1 ledger, $2 generation, $3 position, $4 actors.
SELECT s.actor
FROM unnest($4::text[]) AS s (actor)
CROSS JOIN LATERAL (
    SELECT v.claim
    FROM tarih.parties AS a
    CROSS JOIN LATERAL (
        SELECT e.claim FROM tarih.events AS e
        WHERE e.ledger = $1 AND e.position BETWEEN a.position AND a.position
        ORDER BY e.position
        LIMIT 1
    ) AS e
    CROSS JOIN LATERAL (
        SELECT v.claim FROM tarih.claim_versions AS v
        WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = e.claim AND v.from_position <= $3 AND v.to_position > $3
            AND v.content_position = a.position AND v.retraction IS NULL
        ORDER BY v.claim
        LIMIT 1
    ) AS v
    WHERE a.ledger = $1 AND a.actor = s.actor AND a.position <= $3
    ORDER BY a.position DESC
    LIMIT 1
) AS v
