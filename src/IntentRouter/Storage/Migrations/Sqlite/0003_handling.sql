-- The event that the holder began to handle: if the holder's process ends, an attempt is counted on it. 0: none.
alter table lease add column handling integer not null default 0;
