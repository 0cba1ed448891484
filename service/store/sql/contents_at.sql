-- Events at some positions: $1 ledger, $2 positions.
SELECT e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.claim,
    e.recorded_by, e.content, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members,
    e.reported_earliest, e.reported_latest
FROM unnest($2::bigint[]) AS p (position)
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN p.position AND p.position
    ORDER BY e.position
    LIMIT 1
) AS e
