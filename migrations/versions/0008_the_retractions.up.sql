-- What a timeline's claims were retracted last: few of many, which those who follow it are told of.
CREATE INDEX claim_versions_retracted ON tarih.claim_versions (ledger, generation, timeline, from_position)
    WHERE retraction IS NOT NULL;
