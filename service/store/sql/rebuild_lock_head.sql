-- Holds up whoever appends until the end of the transaction: $1 ledger.
SELECT h.position FROM tarih.heads AS h WHERE h.ledger = $1 FOR UPDATE
