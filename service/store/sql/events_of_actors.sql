-- Every event by a position on the claims that ever had one of these actors as a party: $1 ledger, $2 actors, $3 position.
SELECT e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.claim,
    e.recorded_by, e.content, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members,
    e.reported_earliest, e.reported_latest, e.revisions
FROM (
    SELECT DISTINCT c.claim
    FROM tarih.parties AS p
    CROSS JOIN LATERAL (
        SELECT c.claim FROM tarih.events AS c
        WHERE c.ledger = $1 AND c.position BETWEEN p.position AND p.position
        ORDER BY c.position
        LIMIT 1
    ) AS c
    WHERE p.ledger = $1 AND p.actor = ANY ($2) AND p.position <= $3
) AS m
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.claim = m.claim AND e.position <= $3
    ORDER BY e.claim, e.position
    OFFSET 0
) AS e
ORDER BY e.position
