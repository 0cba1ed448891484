-- Which of these ledgers there are: $1 names.
SELECT l.ledger FROM tarih.ledgers AS l WHERE l.ledger = ANY ($1::text[])
