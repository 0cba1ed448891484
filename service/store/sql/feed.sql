-- Events after a position, and for those without content of their own what their claim said then:
-- $1 ledger, $2 after, $3 limit, $4 whether that content is wanted.
SELECT e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.claim,
    e.recorded_by, e.content, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members,
    e.reported_earliest, e.reported_latest, e.revisions, a.content AS about
FROM tarih.events AS e
LEFT JOIN LATERAL (
    SELECT c.content
    FROM tarih.events AS c
    WHERE c.ledger = $1 AND c.claim = e.claim AND c.position < e.position AND c.type IS NOT NULL
    ORDER BY c.position DESC
    LIMIT 1
) AS a ON $4 AND e.type IS NULL
WHERE e.ledger = $1 AND e.position > $2
ORDER BY e.position
LIMIT $3
