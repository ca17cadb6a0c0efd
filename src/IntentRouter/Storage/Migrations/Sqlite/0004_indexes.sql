-- What every turn changes is in no index. The hour changes once in an hour.
-- Hours since 1970; 0: last changed before this column was there.
alter table conversation add column updated_hour integer not null default 0;
drop index conversation_recent;
create index conversation_recent on conversation (updated_hour);
