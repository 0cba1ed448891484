-- $1 ledger, $2 type, $3 kind, $4 title, $5 schema.
INSERT INTO tarih.types (ledger, type, kind, title, schema, created_at) VALUES ($1, $2, $3, $4, $5, now())
ON CONFLICT (ledger, type) DO NOTHING
