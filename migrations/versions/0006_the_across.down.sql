DROP INDEX tarih.relationships_by_member;
DROP INDEX tarih.events_by_whole;
DROP INDEX tarih.events_by_platform;
