-- A ledger's own types, whole: $1 ledger.
SELECT t.type, t.kind, t.title, t.schema, (extract(epoch FROM t.created_at) * 1000000)::bigint AS created_us
FROM tarih.types AS t WHERE t.ledger = $1 ORDER BY t.type
