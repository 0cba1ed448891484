-- Events after a position that touch a relationship, and what their claim said then:
-- $1 ledger, $2 after, $3 limit, $4 whether that content is wanted, $5 relationship.
SELECT e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.claim,
    e.recorded_by, e.content, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members,
    e.reported_earliest, e.reported_latest, e.revisions, a.content AS about
FROM tarih.memberships AS m
JOIN tarih.events AS e ON e.ledger = $1 AND e.position = m.position
LEFT JOIN LATERAL (
    SELECT c.content
    FROM tarih.events AS c
    WHERE c.ledger = $1 AND c.claim = e.claim AND c.position < e.position AND c.type IS NOT NULL
    ORDER BY c.position DESC
    LIMIT 1
) AS a ON $4 AND e.type IS NULL
WHERE m.ledger = $1 AND m.relationship = $5 AND m.position > $2
ORDER BY m.position
LIMIT $3
