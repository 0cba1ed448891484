-- Where a ledger stands, and one point in it: $1 ledger, $2 the known instant in microseconds, or null, $3 the known
-- position, or null, $4 a relationship, or null. Beside the batch that was the last by then: how often the relationship
-- had been touched, and the last positions that touched it, any claim about actors, and any merge of them.
SELECT h.position, (extract(epoch FROM h.recorded_at) * 1000000)::bigint AS recorded_us, h.digest, h.generation, h.epoch,
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS clock_us,
    b.last_position AS known_position, (extract(epoch FROM b.recorded_at) * 1000000)::bigint AS known_us,
    coalesce(m.revision, 0) AS revision, coalesce(m.position, 0) AS touched,
    greatest(0, a.began, a.ended) AS described, greatest(0, g.began, g.ended) AS merged,
    coalesce(s.last_position, 0) AS since
FROM tarih.heads AS h
LEFT JOIN LATERAL (
    SELECT b.last_position FROM tarih.batches AS b
    WHERE $2::bigint IS NOT NULL AND b.ledger = $1
        AND b.recorded_at <= timestamptz 'epoch' + $2::bigint * interval '1 microsecond'
    ORDER BY b.recorded_at DESC
    LIMIT 1
) AS t ON true
LEFT JOIN LATERAL (
    SELECT b.last_position, b.recorded_at FROM tarih.batches AS b
    WHERE b.ledger = $1
        AND b.last_position <= CASE WHEN $2::bigint IS NULL THEN coalesce($3::bigint, h.position) ELSE t.last_position END
    ORDER BY b.last_position DESC
    LIMIT 1
) AS b ON true
LEFT JOIN LATERAL (
    SELECT m.revision, m.position FROM tarih.memberships AS m
    WHERE m.ledger = $1 AND m.relationship = $4::text AND m.position <= b.last_position
    ORDER BY m.position DESC
    LIMIT 1
) AS m ON true
CROSS JOIN LATERAL (
    SELECT
        (SELECT v.from_position FROM tarih.claim_versions AS v
         WHERE v.ledger = $1 AND v.generation = h.generation AND v.type = 'actor'
             AND v.from_position <= b.last_position
         ORDER BY v.from_position DESC LIMIT 1) AS began,
        (SELECT v.to_position FROM tarih.claim_versions AS v
         WHERE v.ledger = $1 AND v.generation = h.generation AND v.type = 'actor'
             AND v.to_position < 9223372036854775807 AND v.to_position <= b.last_position
         ORDER BY v.to_position DESC LIMIT 1) AS ended
) AS a
CROSS JOIN LATERAL (
    SELECT
        (SELECT v.from_position FROM tarih.claim_versions AS v
         WHERE v.ledger = $1 AND v.generation = h.generation AND v.type = 'actor-merge'
             AND v.from_position <= b.last_position
         ORDER BY v.from_position DESC LIMIT 1) AS began,
        (SELECT v.to_position FROM tarih.claim_versions AS v
         WHERE v.ledger = $1 AND v.generation = h.generation AND v.type = 'actor-merge'
             AND v.to_position < 9223372036854775807 AND v.to_position <= b.last_position
         ORDER BY v.to_position DESC LIMIT 1) AS ended
) AS g
-- The batch that holds the last of these.
LEFT JOIN LATERAL (
    SELECT s.last_position FROM tarih.batches AS s
    WHERE s.ledger = $1 AND s.last_position >= greatest(m.position, a.began, a.ended, g.began, g.ended)
    ORDER BY s.last_position
    LIMIT 1
) AS s ON true
WHERE h.ledger = $1
