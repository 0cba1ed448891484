-- Every event by a position that acted on these claims, claim by claim: $1 ledger, $2 claims, $3 position.
SELECT e.claim, e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.content, e.type,
    e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.reported_latest
FROM tarih.events AS e
WHERE e.ledger = $1 AND e.claim = ANY ($2) AND e.position <= $3
ORDER BY e.claim, e.position
