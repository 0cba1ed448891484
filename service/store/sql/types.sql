-- A ledger's own types: $1 ledger.
SELECT t.type, t.kind, t.title, t.schema FROM tarih.types AS t WHERE t.ledger = $1 ORDER BY t.type
