-- Claims of timelines in the order of their dates, as a position knew them: $1 ledger, $2 generation, $3 timelines,
-- $4 position, $5 to $7 after which (earliest, latest, position), $8 and $9 a window in microseconds that their dates may
-- touch, half-open, $10 only these types, or null, $11 the types of what lasts, $12 limit.
SELECT DISTINCT ON (v.starts_earliest, v.starts_latest, v.content_position) v.claim, v.content_position, v.expectation,
    v.fulfilled_by, v.words, (extract(epoch FROM u.recorded_at) * 1000000)::bigint AS updated_us, v.from_position
FROM unnest($3::text[]) AS t (timeline)
CROSS JOIN LATERAL (
    SELECT * FROM tarih.claim_versions AS v
    WHERE v.ledger = $1 AND v.generation = $2 AND v.timeline = t.timeline
        AND (v.starts_earliest, v.starts_latest, v.content_position) > ($5::bigint, $6::bigint, $7::bigint)
        AND v.starts_earliest < $9
        AND v.from_position <= $4 AND v.to_position > $4 AND v.retraction IS NULL
        AND (v.starts_latest >= $8 OR (v.type = ANY ($11::text[]) AND v.ends_latest > $8))
        AND ($10::text[] IS NULL OR v.type = ANY ($10::text[]))
    ORDER BY v.starts_earliest, v.starts_latest, v.content_position
    LIMIT $12
) AS v
-- Of those that an event without content touched last.
LEFT JOIN LATERAL (
    SELECT e.recorded_at FROM tarih.events AS e
    WHERE e.ledger = $1 AND e.position BETWEEN v.from_position AND v.from_position
        AND v.from_position <> v.content_position
    ORDER BY e.position
    LIMIT 1
) AS u ON true
ORDER BY v.starts_earliest, v.starts_latest, v.content_position
LIMIT $12
