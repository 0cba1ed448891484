-- Positions of contents that tell of deliveries to one of some actors, and may lie in a span of time: $1 ledger,
-- $2 actors, $3 roles of who receives, $4 position, $5 and $6 the first and the last instant, $7 how many contents to look
-- at. One null beside them: there were more.
WITH r AS MATERIALIZED (
    SELECT a.position
    FROM unnest($2::text[]) AS s (actor)
    CROSS JOIN LATERAL (
        SELECT a.position
        FROM tarih.parties AS a
        WHERE a.ledger = $1 AND a.actor = s.actor AND a.position <= $4 AND a.role = ANY ($3)
        ORDER BY a.position
        LIMIT $7 + 1
    ) AS a
    LIMIT $7 + 1
)
SELECT DISTINCT e.position
FROM r
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT e.position
    FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN r.position AND r.position
        AND e.type = 'delivery' AND e.action <> 'expect' AND e.starts_earliest <= $6 AND e.starts_latest >= $5
    ORDER BY e.position
    LIMIT 1
) AS e
UNION ALL
SELECT NULL FROM r HAVING count(*) > $7
