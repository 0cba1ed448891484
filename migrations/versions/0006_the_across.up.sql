-- Contents about one platform; of the types that have one, so that the others cost nothing.
CREATE INDEX events_by_platform ON tarih.events
    (ledger, ((content -> 'data' ->> 'platform') COLLATE "C"), position)
    WHERE type IN ('acquisition', 'delivery', 'operation', 'entry-into-service', 'order', 'combat-use', 'unveiling',
        'flight-trial');
-- Actors that are part of another.
CREATE INDEX events_by_whole ON tarih.events
    (ledger, ((content -> 'data' ->> 'part_of') COLLATE "C"), position)
    WHERE type = 'actor';
-- Relationships by any of their members, each with its ledger, as an array has no columns beside it. New ones are few: what
-- waits to be sorted in would cost each question more than sorting it in at once.
CREATE INDEX relationships_by_member ON tarih.relationships
    USING gin (string_to_array(ledger || '/' || replace(relationship, '--', '--' || ledger || '/'), '--'))
    WITH (fastupdate = off);
