-- Every merge of actors that ever was in force, and from where up to before where: $1 ledger, $2 generation, $3 the last
-- position that counts.
SELECT m.actor AS merged, s.actor AS survivor, v.from_position, v.to_position
FROM (
    SELECT DISTINCT v.content_position, v.from_position, v.to_position
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.type = 'actor-merge' AND v.retraction IS NULL
        AND v.from_position <= $3
) AS v
JOIN tarih.events AS e ON e.ledger = $1 AND e.position = v.content_position
CROSS JOIN LATERAL (
    SELECT p ->> 'actor' AS actor FROM json_array_elements(e.content -> 'parties') AS p WHERE p ->> 'role' = 'merged'
) AS m
CROSS JOIN LATERAL (
    SELECT p ->> 'actor' AS actor FROM json_array_elements(e.content -> 'parties') AS p WHERE p ->> 'role' = 'survivor'
) AS s
ORDER BY v.from_position, v.content_position
