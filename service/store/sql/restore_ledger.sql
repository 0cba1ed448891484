-- $1 ledger, $2 title, $3 public_read, $4 when it was made, in microseconds.
INSERT INTO tarih.ledgers AS l (ledger, title, public_read, created_at)
VALUES ($1, $2, $3, 'epoch'::timestamptz + $4::bigint * interval '1 microsecond')
ON CONFLICT (ledger) DO UPDATE
SET title = excluded.title, public_read = excluded.public_read, created_at = excluded.created_at
