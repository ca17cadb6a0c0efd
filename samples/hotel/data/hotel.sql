-- The sample hotel's database: `serve` makes hotel.db from it in its data directory, at every start.
create table rooms (
  key     text primary key,
  name    text not null,
  beds    integer not null,
  rooms   integer not null,
  price   real not null,
  about   text not null,
  picture text not null,
  page    text not null
);
create table bookings (
  code       text primary key,
  email      text not null,
  guest      text not null,
  room       text not null references rooms (key),
  arrival    text not null,
  departure  text not null,
  guests     integer not null,
  status     text not null check (status in ('booked', 'cancelled')),
  made_by    text unique,
  changed_by text
);

insert into rooms (key, name, beds, rooms, price, about, picture, page) values
  ('single', 'Single room', 1, 6, 79.00, 'Quiet, to the garden', 'https://hotel.example.com/img/single.jpg', 'https://hotel.example.com/rooms/single'),
  ('double', 'Double room', 2, 12, 119.00, 'Bright, with a balcony', 'https://hotel.example.com/img/double.jpg', 'https://hotel.example.com/rooms/double'),
  ('family', 'Family room', 4, 4, 169.00, 'Two rooms with a door between', 'https://hotel.example.com/img/family.jpg', 'https://hotel.example.com/rooms/family'),
  ('suite', 'Suite', 6, 1, 289.00, 'On the top floor, with a view of the sea', 'https://hotel.example.com/img/suite.jpg', 'https://hotel.example.com/rooms/suite');

insert into bookings (code, email, guest, room, arrival, departure, guests, status) values
  ('H-3001', 'priya@example.com', 'Priya Nair', 'double', '2026-10-23', '2026-10-26', 2, 'booked'),
  ('H-3002', 'jonas@example.com', 'Jonas Weber', 'suite', '2026-11-05', '2026-11-09', 4, 'booked'),
  ('H-3003', 'marta@example.com', 'Marta Reis', 'single', '2026-09-12', '2026-09-14', 1, 'cancelled');
