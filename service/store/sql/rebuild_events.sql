-- Every event, claim by claim, and the claim's row as it stands beside it: $1 ledger.
SELECT e.claim, e.position, (extract(epoch FROM e.recorded_at) * 1000000)::bigint AS recorded_us, e.content, e.type,
    e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, e.reported_latest,
    c.expectation, c.retraction, c.fulfilled_by, c.content_position, c.rank_day, c.words, c.timelines, c.merged
FROM tarih.events AS e
LEFT JOIN tarih.claims AS c ON c.ledger = e.ledger AND c.claim = e.claim
WHERE e.ledger = $1
ORDER BY e.claim, e.position
