-- $1 ledger, $2 epoch, $3 system identifier, $4 timeline.
UPDATE tarih.heads SET epoch = $2, system_identifier = $3, timeline = $4
WHERE ledger = $1 AND (system_identifier, timeline) IS DISTINCT FROM ($3, $4)
