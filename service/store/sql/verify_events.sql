-- Every event in order: $1 ledger.
SELECT e.position, e.event_id, e.claim, e.action, e.type,
    (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.content,
    e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members, e.reported_earliest, e.reported_latest,
    e.revisions
FROM tarih.events AS e
WHERE e.ledger = $1
ORDER BY e.position
