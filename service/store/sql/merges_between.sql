-- The events that merged actors, corrected that or took it back, after a position and up to another: $1 ledger,
-- $2 generation, $3 after, $4 up to, $5 how many at most.
SELECT e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.claim,
    e.recorded_by, e.content, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members,
    e.reported_earliest, e.reported_latest, e.revisions
FROM (
    SELECT DISTINCT v.from_position
    FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.type = 'actor-merge' AND v.from_position > $3
        AND v.from_position <= $4
    ORDER BY v.from_position
    LIMIT $5
) AS v
-- One look-up for each: in whatever shape the statistics are, the ledger is never read through for it.
CROSS JOIN LATERAL (
    SELECT * FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.from_position AND v.from_position
    ORDER BY e.position
    LIMIT 1
) AS e
ORDER BY e.position
