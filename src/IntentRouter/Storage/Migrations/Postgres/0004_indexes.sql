-- What every turn changes is in no index: such an update stays in its page and touches no index at all. The hour changes once in an hour.
-- Hours since 1970; 0: last changed before this column was there.
alter table conversation add column updated_hour bigint not null default 0;
drop index conversation_recent;
create index conversation_recent on conversation (updated_hour);

-- Every statement on the way of an event knows the conversation: one index serves where two were kept.
alter table open_event drop constraint open_event_pkey;
drop index open_event_conversation;
alter table open_event add primary key (conversation, seq);

-- An event of a kilobyte is changed once before it is deleted: with half of a page free, that too stays in its page.
alter table open_event set (fillfactor = 50);
