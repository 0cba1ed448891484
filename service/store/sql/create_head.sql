-- $1 ledger, $2 the digest before any event, $3 epoch, $4 system identifier, $5 timeline.
INSERT INTO tarih.heads (ledger, position, recorded_at, digest, generation, epoch, system_identifier, timeline)
VALUES ($1, 0, NULL, $2, 1, $3, $4, $5)
ON CONFLICT (ledger) DO NOTHING
