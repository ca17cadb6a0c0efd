-- Utterances for people to look at, one per text and bot. state: 0 open, 1 labelled, 2 dismissed.
create table review_item (
  id integer primary key autoincrement,
  bot text not null,
  text_key text not null,
  text text not null,
  language text not null,
  adapter text,
  model text,
  candidates text not null,
  reason text not null,
  rule text not null,
  suggestion text,
  conversation text not null,
  turn text not null,
  count integer not null,
  takeovers integer not null,
  first_at integer not null,
  last_at integer not null,
  state integer not null default 0,
  label text,
  judged_by text,
  judged_at integer,
  unique (bot, text_key)
);
create index review_item_waiting on review_item (state, last_at);

-- Who said it where: erasure goes by it.
create table review_sighting (
  item integer not null,
  conversation text not null,
  turn text not null,
  account integer not null,
  contact_id integer not null,
  at integer not null,
  primary key (item, conversation, turn)
) without rowid;
create index review_sighting_contact on review_sighting (contact_id) where contact_id <> 0;
create index review_sighting_conversation on review_sighting (conversation);

-- What adapters on trial answered beside the turns.
create table shadow_answer (
  position integer primary key autoincrement,
  conversation text not null,
  turn text not null,
  adapter text not null,
  bot text not null,
  text_key text not null,
  model text,
  outcome text not null,
  intent text,
  answered integer not null,
  live_adapter text,
  live_intent text,
  live_answered integer not null,
  milliseconds real not null,
  live_milliseconds real not null,
  at integer not null,
  unique (conversation, turn, adapter)
);
create index shadow_answer_time on shadow_answer (at);
