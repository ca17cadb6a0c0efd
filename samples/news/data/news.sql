-- The sample newspaper's database: `serve` makes news.db from it in its data directory, at every start.
create table articles (
  id           integer primary key,
  topic        text not null,
  title        text not null,
  summary      text not null,
  link         text not null,
  picture      text,
  minutes      integer not null,
  readers      integer not null,
  published_on text not null
);
create table subscriptions (
  email    text not null,
  letter   text not null,
  since    text not null,
  made_by  text,
  ended_by text,
  primary key (email, letter)
);

insert into articles (topic, title, summary, link, picture, minutes, readers, published_on) values
  ('science', 'A lighthouse for whales', 'How sound buoys keep ships away from calves.', 'https://news.example.com/a/1', 'https://news.example.com/p/1.jpg', 6, 9100, '2026-10-07'),
  ('science', 'The quiet moon', 'Why the far side is the best place to listen.', 'https://news.example.com/a/2', null, 14, 5200, '2026-10-05'),
  ('sports', 'Third time lucky', 'The town''s handball team is up at last.', 'https://news.example.com/a/3', 'https://news.example.com/p/3.jpg', 4, 7700, '2026-10-07'),
  ('sports', 'Running before dawn', 'A night with the couriers who train for the marathon.', 'https://news.example.com/a/4', null, 11, 4300, '2026-10-04'),
  ('culture', 'The cinema that would not close', 'Forty neighbours bought the projector.', 'https://news.example.com/a/5', 'https://news.example.com/p/5.jpg', 8, 8800, '2026-10-06'),
  ('local', 'Bridge street opens again', 'Trams run from Monday, cars from November.', 'https://news.example.com/a/6', null, 2, 12400, '2026-10-07');

insert into subscriptions (email, letter, since) values ('priya@example.com', 'weekend', '2025-03-01');
