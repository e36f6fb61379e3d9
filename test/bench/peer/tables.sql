-- What a team would write instead: members with balances, lots, orders, entries, holds; keys of requests with their hash.
CREATE TABLE api_keys (secret_hash text PRIMARY KEY);
CREATE TABLE members (
  id text PRIMARY KEY,
  available bigint NOT NULL CHECK (available >= 0),
  held bigint NOT NULL DEFAULT 0 CHECK (held >= 0)
);
CREATE TABLE lots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id text NOT NULL,
  rule text NOT NULL,
  points bigint NOT NULL,
  remaining bigint NOT NULL CHECK (remaining >= 0),
  expires_at timestamptz NOT NULL
);
CREATE INDEX lots_open ON lots (member_id, expires_at, id) WHERE remaining > 0;
CREATE TABLE orders (
  id text PRIMARY KEY,
  member_id text NOT NULL,
  body_hash text NOT NULL,
  placed_at timestamptz NOT NULL,
  document jsonb NOT NULL,
  earned bigint NOT NULL,
  redeemed bigint NOT NULL,
  available_after bigint NOT NULL,
  held_after bigint NOT NULL
);
CREATE TABLE entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id text NOT NULL,
  reference text NOT NULL,
  account text NOT NULL,
  points bigint NOT NULL,
  lot_id bigint
);
CREATE TABLE holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  member_id text NOT NULL,
  points bigint NOT NULL,
  state text NOT NULL,
  lapses_at timestamptz NOT NULL,
  lot_ids bigint[] NOT NULL
);
CREATE TABLE requests (
  key text PRIMARY KEY,
  body_hash text NOT NULL,
  hold_id bigint NOT NULL,
  available_after bigint NOT NULL,
  held_after bigint NOT NULL
);
