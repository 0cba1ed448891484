-- Every claim as it stands: $1 ledger.
SELECT c.claim, c.expectation, c.retraction, c.fulfilled_by, c.content_position, c.rank_day, c.words, c.timelines, c.merged
FROM tarih.claims AS c
WHERE c.ledger = $1
