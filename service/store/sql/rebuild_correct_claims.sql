-- Claims as the events say, where they are not so already: $1 ledger, then one array a column: $2 claim, $3 expectation,
-- $4 retraction, $5 fulfilled_by, $6 content_position, $7 rank_day, $8 words, $9 timelines (array literals), $10 merged.
INSERT INTO tarih.claims AS c (ledger, claim, expectation, retraction, fulfilled_by, content_position, rank_day, words,
    timelines, merged)
SELECT $1, s.claim, s.expectation, s.retraction, s.fulfilled_by, s.content_position, s.rank_day, s.words::jsonb,
    s.timelines::text[], s.merged
FROM unnest($2::text[], $3::boolean[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[],
    $10::text[]) AS s (claim, expectation, retraction, fulfilled_by, content_position, rank_day, words, timelines, merged)
ON CONFLICT (ledger, claim) DO UPDATE
SET expectation = excluded.expectation, retraction = excluded.retraction, fulfilled_by = excluded.fulfilled_by,
    content_position = excluded.content_position, rank_day = excluded.rank_day, words = excluded.words,
    timelines = excluded.timelines, merged = excluded.merged
WHERE (c.expectation, c.retraction, c.fulfilled_by, c.content_position, c.rank_day, c.words, c.timelines, c.merged)
    IS DISTINCT FROM (excluded.expectation, excluded.retraction, excluded.fulfilled_by, excluded.content_position,
        excluded.rank_day, excluded.words, excluded.timelines, excluded.merged)
