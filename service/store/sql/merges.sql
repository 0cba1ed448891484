-- The merges of actors in force at a position: $1 ledger, $2 generation, $3 position.
SELECT m.actor AS merged, s.actor AS survivor
FROM (
    SELECT DISTINCT v.content_position
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.type = 'actor-merge' AND v.retraction IS NULL
        AND v.from_position <= $3 AND v.to_position > $3
) AS c
JOIN tarih.events AS e ON e.ledger = $1 AND e.position = c.content_position
CROSS JOIN LATERAL (
    SELECT p ->> 'actor' AS actor FROM json_array_elements(e.content -> 'parties') AS p WHERE p ->> 'role' = 'merged'
) AS m
CROSS JOIN LATERAL (
    SELECT p ->> 'actor' AS actor FROM json_array_elements(e.content -> 'parties') AS p WHERE p ->> 'role' = 'survivor'
) AS s
ORDER BY c.content_position
