-- Contents in force at a position that tell who came to hold a platform, and were so, certainly or possibly, at an
-- instant: $1 ledger, $2 generation, $3 platform, $4 position, $5 the instant, $6 how many at most.
SELECT e.position, e.type, e.content ->> 'parties' AS parties, e.content -> 'data' ->> 'platform_name' AS named
FROM tarih.events AS e
CROSS JOIN LATERAL (
    SELECT v.claim
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.claim = e.claim AND v.from_position <= $4 AND v.to_position > $4
        AND v.content_position = e.position AND v.retraction IS NULL AND NOT v.expectation
    ORDER BY v.claim
    LIMIT 1
) AS v
-- A range and an order, so that no other index looks as good whatever the statistics say.
WHERE e.ledger = $1 AND (e.content -> 'data' ->> 'platform') COLLATE "C" BETWEEN $3 AND $3 AND e.position <= $4
    AND e.type IN ('acquisition', 'delivery', 'operation', 'entry-into-service')
    AND e.starts_earliest <= $5 AND e.ends_latest > $5
ORDER BY (e.content -> 'data' ->> 'platform') COLLATE "C", e.position
LIMIT $6
