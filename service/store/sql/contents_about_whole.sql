-- Positions of contents that say of an actor that it is part of one of these: $1 ledger, $2 actors, $3 position,
-- $4 how many for each.
SELECT e.position
FROM unnest($2::text[]) AS s (actor)
CROSS JOIN LATERAL (
    SELECT e.position
    FROM tarih.events AS e
    WHERE e.ledger = $1 AND (e.content -> 'data' ->> 'part_of') COLLATE "C" BETWEEN s.actor AND s.actor
        AND e.position <= $3 AND e.type = 'actor'
    ORDER BY (e.content -> 'data' ->> 'part_of') COLLATE "C", e.position
    LIMIT $4
) AS e
