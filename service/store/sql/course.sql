-- The batches of a ledger after one position and up to another, by their ends and their times in microseconds; and the
-- positions in between at which any claim about actors began or ended, and any merge of them. Each as 64-bit numbers one
-- after the other, in order. $1 ledger, $2 generation, $3 after, $4 up to, $5 how many of each at most.
WITH c AS MATERIALIZED (
    (SELECT v.type, v.from_position AS position FROM tarih.claim_versions AS v
     WHERE v.ledger = $1 AND v.generation = $2 AND v.type IN ('actor', 'actor-merge')
         AND v.from_position > $3 AND v.from_position <= $4
     LIMIT $5)
    UNION
    (SELECT v.type, v.to_position FROM tarih.claim_versions AS v
     WHERE v.ledger = $1 AND v.generation = $2 AND v.type IN ('actor', 'actor-merge')
         AND v.to_position < 9223372036854775807 AND v.to_position > $3 AND v.to_position <= $4
     LIMIT $5)
)
SELECT
    (SELECT string_agg(int8send(c.position), '' ORDER BY c.position) FROM c WHERE c.type = 'actor') AS described,
    (SELECT string_agg(int8send(c.position), '' ORDER BY c.position) FROM c WHERE c.type = 'actor-merge') AS merged,
    string_agg(int8send(b.last_position), '' ORDER BY b.last_position) AS ends,
    string_agg(int8send((extract(epoch FROM b.recorded_at) * 1000000)::bigint), '' ORDER BY b.last_position) AS times
FROM (
    SELECT b.last_position, b.recorded_at FROM tarih.batches AS b
    WHERE b.ledger = $1 AND b.last_position > $3 AND b.last_position <= $4
    ORDER BY b.last_position
    LIMIT $5
) AS b
