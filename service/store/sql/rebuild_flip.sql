-- From here on the new generation is read and written: $1 ledger, $2 generation.
UPDATE tarih.heads AS h SET generation = $2 WHERE h.ledger = $1
