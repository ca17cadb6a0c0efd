-- Times are milliseconds since 1970. Hot tables (open_event, open_effect, lease) hold only unfinished work, so their size is the
-- backlog and never the history.

-- Every accepted event, without its content: the memory of deduplication and of what happened in a conversation.
create table inbox (
  seq integer primary key autoincrement,
  key text not null unique,
  conversation text not null,
  kind text not null,
  signal integer not null,
  state_at real not null,
  received_at integer not null
);
create index inbox_signal on inbox (conversation, seq) where signal <> 0;

-- state: 0 received, 1 decided (its effects are open), 3 parked.
create table open_event (
  seq integer primary key,
  conversation text not null,
  key text not null,
  kind text not null,
  message_id integer not null,
  contact_id integer not null,
  urgent integer not null,
  received_at integer not null,
  attempts integer not null default 0,
  state integer not null default 0,
  turn integer,
  reason text,
  trace_parent text,
  payload blob not null
);
create index open_event_conversation on open_event (conversation, seq, state, received_at);

-- A row exists only while a conversation has work. owner 0: nobody's, to be taken after "until".
-- dirty: something was added since the holder last read.
create table lease (
  conversation text primary key,
  owner integer not null,
  token integer not null,
  until integer not null,
  dirty integer not null
) without rowid;

-- state: 0 planned, 1 sending. parked: waits with its parked event for an operator.
create table open_effect (
  key text primary key,
  conversation text not null,
  event_seq integer not null,
  ordinal integer not null,
  kind text not null,
  public integer not null,
  body text not null,
  state integer not null default 0,
  parked integer not null default 0,
  attempts integer not null default 0,
  sent_at integer,
  remote_id integer,
  error text,
  state_at real not null
) without rowid;
create index open_effect_conversation on open_effect (conversation, event_seq, ordinal);

-- state: 2 done, 3 failed, 4 undecided, 5 dropped.
create table finished_effect (
  event_seq integer not null,
  ordinal integer not null,
  kind text not null,
  state integer not null,
  attempts integer not null,
  remote_id integer,
  error text,
  finished_at integer not null,
  primary key (event_seq, ordinal)
) without rowid;
create index finished_effect_undecided on finished_effect (event_seq) where state = 4;

create table conversation (
  conversation text primary key,
  bot text not null,
  account integer not null,
  contact_id integer not null,
  state text not null,
  status text,
  last_decision text,
  last_intent text,
  updated_at integer not null
);
create index conversation_recent on conversation (updated_at);
create index conversation_contact on conversation (contact_id) where contact_id <> 0;

create table turn (
  position integer primary key autoincrement,
  conversation text not null,
  bot text not null,
  event_seq integer not null,
  decided_at integer not null,
  explanation text not null
);
create index turn_conversation on turn (conversation, position);
create index turn_time on turn (decided_at);

create table shared_value (
  area text not null,
  key text not null,
  value text not null,
  expires_at integer,
  primary key (area, key)
) without rowid;

create table counter (
  area text not null,
  key text not null,
  count integer not null,
  ends_at integer not null,
  primary key (area, key)
) without rowid;

create table duty (
  name text primary key,
  until integer not null
) without rowid;
