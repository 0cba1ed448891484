-- Ledgers whose positions may be issued again here: $1 system identifier, $2 timeline.
SELECT h.ledger FROM tarih.heads AS h WHERE (h.system_identifier, h.timeline) IS DISTINCT FROM ($1, $2)
