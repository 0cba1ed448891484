DROP INDEX tarih.claim_versions_by_date;
DROP INDEX tarih.claim_versions_of_actors_that_ended;
DROP INDEX tarih.claim_versions_of_actors;
