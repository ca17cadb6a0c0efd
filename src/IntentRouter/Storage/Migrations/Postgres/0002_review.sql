-- Utterances for people to look at, one per text and bot. state: 0 open, 1 labelled, 2 dismissed.
create table review_item (
  id bigint generated always as identity primary key,
  bot text collate "C" not null,
  text_key text collate "C" not null,
  text text not null,
  language text not null,
  adapter text,
  model text,
  candidates text not null,
  reason text not null,
  rule text not null,
  suggestion text,
  conversation text collate "C" not null,
  turn text collate "C" not null,
  count bigint not null,
  takeovers bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  state integer not null default 0,
  label text,
  judged_by text,
  judged_at bigint,
  unique (bot, text_key)
);
create index review_item_waiting on review_item (state, last_at);

-- Who said it where: erasure goes by it.
create table review_sighting (
  item bigint not null,
  conversation text collate "C" not null,
  turn text collate "C" not null,
  account bigint not null,
  contact_id bigint not null,
  at bigint not null,
  primary key (item, conversation, turn)
);
create index review_sighting_contact on review_sighting (contact_id) where contact_id <> 0;
create index review_sighting_conversation on review_sighting (conversation);

-- What adapters on trial answered beside the turns.
create table shadow_answer (
  position bigint generated always as identity primary key,
  conversation text collate "C" not null,
  turn text collate "C" not null,
  adapter text collate "C" not null,
  bot text collate "C" not null,
  text_key text collate "C" not null,
  model text,
  outcome text not null,
  intent text,
  answered integer not null,
  live_adapter text,
  live_intent text,
  live_answered integer not null,
  milliseconds double precision not null,
  live_milliseconds double precision not null,
  at bigint not null,
  unique (conversation, turn, adapter)
);
create index shadow_answer_time on shadow_answer (at);
