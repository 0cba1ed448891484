-- Of all ledgers together: how many there are, the sum of their head positions, and by how many seconds the database's
-- clock lies behind the last recorded instant of any of them; less than 0 where it does not.
SELECT
    count(*) AS ledgers,
    coalesce(sum(h.position), 0)::bigint AS positions,
    coalesce(max(extract(epoch FROM h.recorded_at - clock_timestamp())), 0)::float8 AS clock_behind
FROM tarih.heads AS h
