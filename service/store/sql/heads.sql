-- Where these ledgers stand: $1 ledgers.
SELECT h.ledger, h.position FROM tarih.heads AS h WHERE h.ledger = ANY ($1)
