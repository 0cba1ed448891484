-- Events after a position up to another, in order, with all that a ledger is made of, and the digest at the end of each batch:
-- $1 ledger, $2 after this position, $3 up to this one, $4 how many.
SELECT e.position, e.event_id, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.recorded_by, e.content,
    e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.members, e.reported_earliest, e.reported_latest,
    e.revisions, b.digest
FROM tarih.events AS e
LEFT JOIN tarih.batches AS b ON b.ledger = e.ledger AND b.last_position = e.position
WHERE e.ledger = $1 AND e.position > $2 AND e.position <= $3
ORDER BY e.position
LIMIT $4
