-- Times are milliseconds since 1970 by this server's clock. Hot tables (open_event, open_effect, lease) hold only unfinished work, so
-- their size is the backlog and never the history. Their changing columns are in no index, so an update stays in its page.

create function router_now() returns bigint language sql volatile parallel safe
  as 'select (extract(epoch from clock_timestamp()) * 1000)::bigint';

create sequence replica_number;
create sequence lease_token;

-- Every accepted event, without its content: the memory of deduplication and of what happened in a conversation.
create table inbox (
  seq bigint generated always as identity primary key,
  key text collate "C" not null unique,
  conversation text collate "C" not null,
  kind text not null,
  signal integer not null,
  state_at double precision not null,
  received_at bigint not null
);
create index inbox_signal on inbox (conversation, seq) where signal <> 0;

-- state: 0 received, 1 decided (its effects are open), 3 parked.
create table open_event (
  seq bigint primary key,
  conversation text collate "C" not null,
  key text collate "C" not null,
  kind text not null,
  message_id bigint not null,
  contact_id bigint not null,
  urgent integer not null,
  received_at bigint not null,
  attempts integer not null default 0,
  state integer not null default 0,
  turn bigint,
  reason text,
  trace_parent text,
  payload bytea not null
) with (fillfactor = 70, toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index open_event_conversation on open_event (conversation, seq);

-- A row exists only while a conversation has work. owner 0: nobody's, to be taken after "until"; a negative owner shows no presence.
-- dirty: something was added since the holder last read.
create table lease (
  conversation text collate "C" primary key,
  owner bigint not null,
  token bigint not null,
  until bigint not null,
  dirty integer not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- state: 0 planned, 1 sending. parked: waits with its parked event for an operator.
create table open_effect (
  key text collate "C" primary key,
  conversation text collate "C" not null,
  event_seq bigint not null,
  ordinal integer not null,
  kind text not null,
  public integer not null,
  body text not null,
  state integer not null default 0,
  parked integer not null default 0,
  attempts integer not null default 0,
  sent_at bigint,
  remote_id bigint,
  error text,
  state_at double precision not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index open_effect_conversation on open_effect (conversation, event_seq, ordinal);

-- state: 2 done, 3 failed, 4 undecided, 5 dropped.
create table finished_effect (
  event_seq bigint not null,
  ordinal integer not null,
  kind text not null,
  state integer not null,
  attempts integer not null,
  remote_id bigint,
  error text,
  finished_at bigint not null,
  primary key (event_seq, ordinal)
);
create index finished_effect_undecided on finished_effect (event_seq) where state = 4;

create table conversation (
  conversation text collate "C" primary key,
  bot text not null,
  account bigint not null,
  contact_id bigint not null,
  state text not null,
  status text,
  last_decision text,
  last_intent text,
  updated_at bigint not null
) with (fillfactor = 70);
create index conversation_recent on conversation (updated_at);
create index conversation_contact on conversation (contact_id) where contact_id <> 0;

create table turn (
  position bigint generated always as identity primary key,
  conversation text collate "C" not null,
  bot text not null,
  event_seq bigint not null,
  decided_at bigint not null,
  explanation text not null
);
create index turn_conversation on turn (conversation, position);
create index turn_time on turn (decided_at);

create table shared_value (
  area text collate "C" not null,
  key text collate "C" not null,
  value text not null,
  expires_at bigint,
  primary key (area, key)
);

create table counter (
  area text collate "C" not null,
  key text collate "C" not null,
  count bigint not null,
  ends_at bigint not null,
  primary key (area, key)
);

create table duty (
  name text collate "C" primary key,
  until bigint not null
);

-- The content of events is read once and soon deleted: the cheapest compression where the server has it, else none.
do $$
begin
  execute 'alter table open_event alter column payload set compression lz4';
  execute 'alter table conversation alter column state set compression lz4';
  execute 'alter table turn alter column explanation set compression lz4';
exception when feature_not_supported or syntax_error or invalid_parameter_value then
  execute 'alter table open_event alter column payload set storage external';
end
$$;
