DROP INDEX tarih.claim_versions_retracted;
