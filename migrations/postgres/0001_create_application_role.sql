-- The role that Workers connect as: it owns nothing, and row-level security binds it. Its password is set elsewhere.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'regulars_app') THEN
    CREATE ROLE regulars_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END
$$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO regulars_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON tenants, regions, owners, stores, api_keys, alerts, dead_letters, members TO regulars_app;
--> statement-breakpoint
-- What is published stays as it is.
GRANT SELECT, INSERT ON programs TO regulars_app;
--> statement-breakpoint
-- Events are never changed; the reconciler deletes a member's to have them published again.
GRANT SELECT, INSERT, DELETE ON member_events TO regulars_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE
  ON identities, transactions, entries, lots, balances, orders, order_lines, refunds TO regulars_app;
--> statement-breakpoint
-- The owner of the tables is bound too.
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
ALTER TABLE regions FORCE ROW LEVEL SECURITY;
ALTER TABLE owners FORCE ROW LEVEL SECURITY;
ALTER TABLE stores FORCE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE programs FORCE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
ALTER TABLE member_events FORCE ROW LEVEL SECURITY;
ALTER TABLE transactions FORCE ROW LEVEL SECURITY;
ALTER TABLE entries FORCE ROW LEVEL SECURITY;
ALTER TABLE lots FORCE ROW LEVEL SECURITY;
ALTER TABLE balances FORCE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
ALTER TABLE order_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE refunds FORCE ROW LEVEL SECURITY;
ALTER TABLE alerts FORCE ROW LEVEL SECURITY;
ALTER TABLE dead_letters FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Rows that change with every event of a member: room on their pages keeps the changes off the indexes.
ALTER TABLE members SET (fillfactor = 80);
ALTER TABLE balances SET (fillfactor = 80);
ALTER TABLE lots SET (fillfactor = 80);
ALTER TABLE orders SET (fillfactor = 90);
--> statement-breakpoint
-- A key is found by its id before its tenant is known: the policy the_key_asked_for shows that one row.
CREATE FUNCTION find_key(wanted text) RETURNS SETOF api_keys LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.key_id', wanted, true);
  RETURN QUERY SELECT * FROM api_keys WHERE key_id = wanted;
  PERFORM set_config('app.key_id', '', true);
END
$$;
