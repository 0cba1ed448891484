-- Claims about actors are few, and every answer hangs on them: where one began to hold, and where one ceased to.
CREATE INDEX claim_versions_of_actors ON tarih.claim_versions (ledger, generation, type, from_position)
    WHERE type IN ('actor', 'actor-merge');
CREATE INDEX claim_versions_of_actors_that_ended ON tarih.claim_versions (ledger, generation, type, to_position)
    WHERE type IN ('actor', 'actor-merge') AND to_position < 9223372036854775807;
-- A timeline in the order of its dates, a page at a time.
CREATE INDEX claim_versions_by_date ON tarih.claim_versions
    (ledger, generation, timeline, starts_earliest, starts_latest, content_position);
