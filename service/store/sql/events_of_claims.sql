-- Every event by a position that acted on these claims: $1 ledger, $2 claims, $3 position.
SELECT e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.event_id, e.claim,
    e.recorded_by, e.content, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members,
    e.reported_earliest, e.reported_latest, e.revisions
FROM tarih.events AS e
WHERE e.ledger = $1 AND e.claim = ANY ($2) AND e.position <= $3
ORDER BY e.position
