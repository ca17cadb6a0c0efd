-- The sample shop's database: `serve` makes shop.db from it in its data directory, at every start.
create table orders (
  number       text primary key,
  email        text not null,
  item         text not null,
  status       text not null check (status in ('processing', 'shipped', 'delivered', 'cancelled', 'delayed')),
  eta          text,
  delivered_on text,
  carrier      text,
  tracking_url text,
  total        real not null,
  currency     text not null default 'EUR',
  cancelled_by text
);
create table refunds (
  order_number text primary key references orders (number),
  state        text not null check (state in ('received', 'approved', 'paid')),
  amount       real not null,
  currency     text not null default 'EUR',
  expected_on  text
);
create table bookings (
  code      text primary key,
  email     text not null,
  service   text not null,
  shop      text not null,
  starts_at text not null
);
create table products (
  key      text primary key,
  name     text not null,
  price    real not null,
  currency text not null default 'EUR',
  in_stock integer not null,
  back_on  text
);

insert into orders (number, email, item, status, eta, delivered_on, carrier, tracking_url, total) values
  ('10427', 'priya@example.com', 'Trail tent for two', 'shipped', '2026-10-12', null, 'Northline', 'https://carrier.example.com/t/NL10427', 189.00),
  ('10428', 'priya@example.com', 'Camping stove', 'processing', '2026-10-16', null, null, null, 59.90),
  ('10391', 'jonas@example.com', 'Hiking boots, size 43', 'delivered', null, '2026-09-28', 'Northline', 'https://carrier.example.com/t/NL10391', 149.50),
  ('10440', 'amelie@example.com', 'Sleeping bag, down', 'delayed', '2026-10-30', null, null, null, 219.00),
  ('10402', 'marta@example.com', 'Backpack 45 l', 'cancelled', null, null, null, null, 119.00),
  ('10451', 'tomas@example.com', 'Head lamp', 'processing', '2026-10-14', null, null, null, 34.90);

insert into refunds (order_number, state, amount, expected_on) values
  ('10402', 'approved', 119.00, '2026-10-09'),
  ('10391', 'received', 149.50, '2026-10-20');

insert into bookings (code, email, service, shop, starts_at) values
  ('BK-2011', 'priya@example.com', 'Boot fitting', 'Berlin', '2026-10-15T14:30'),
  ('BK-2044', 'jonas@example.com', 'Tent repair', 'Hamburg', '2026-10-21T10:00');

insert into products (key, name, price, in_stock, back_on) values
  ('tent', 'Trail tent for two', 189.00, 14, null),
  ('backpack', 'Backpack 45 l', 119.00, 3, null),
  ('boots', 'Hiking boots', 149.50, 0, '2026-10-19'),
  ('stove', 'Camping stove', 59.90, 27, null),
  ('sleeping-bag', 'Sleeping bag, down', 219.00, 0, null);
