-- $1 ledger, $2 title, $3 public_read.
INSERT INTO tarih.ledgers AS l (ledger, title, public_read, created_at)
VALUES ($1, $2, $3, now())
ON CONFLICT (ledger) DO UPDATE SET title = excluded.title, public_read = excluded.public_read
