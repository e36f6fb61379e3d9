-- What Metabase, Superset and the like may read: views without personal data, each login bound to one tenant by its own name.
-- The views' owner: it has no login, passes no row-level security, and owns nothing else.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'regulars_reports') THEN
    CREATE ROLE regulars_reports NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'regulars_readers') THEN
    CREATE ROLE regulars_readers NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  -- Whoever migrates gives the views away, and may change them in a later migration.
  IF NOT pg_has_role(current_user, 'regulars_reports', 'SET') THEN
    GRANT regulars_reports TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
  END IF;
END
$$;
--> statement-breakpoint
CREATE SCHEMA reports;
--> statement-breakpoint
COMMENT ON SCHEMA reports IS 'One tenant''s members, orders, points and scores for reading, without personal data. See docs/reports.md.';
--> statement-breakpoint
GRANT USAGE ON SCHEMA reports TO regulars_readers;
--> statement-breakpoint
-- Which tenant a login sees. Nobody but the owner of the database reads or writes it.
CREATE TABLE reports.report_readers (
  role_name name PRIMARY KEY,
  tenant_id text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
-- The tenant of whoever logged in. Nothing that a session can set changes session_user.
CREATE FUNCTION reports.reader_tenant() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenant_id FROM reports.report_readers WHERE role_name = session_user
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION reports.reader_tenant() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION reports.reader_tenant() TO regulars_readers;
--> statement-breakpoint
-- Makes a login that reads the reports of one tenant, or gives one that exists a new password.
CREATE FUNCTION reports.create_report_reader(role_name text, password text, tenant_id text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  known text := (SELECT r.tenant_id FROM reports.report_readers AS r WHERE r.role_name = create_report_reader.role_name);
BEGIN
  IF role_name !~ '^[a-z][a-z0-9_]{2,62}$' THEN
    RAISE EXCEPTION 'A reader is named by 3 to 63 of a-z, 0-9 and _, beginning with a letter.' USING ERRCODE = '22023';
  END IF;
  IF length(password) < 16 THEN
    RAISE EXCEPTION 'A reader''s password has at least 16 characters.' USING ERRCODE = '22023';
  END IF;
  PERFORM set_config('app.tenant_id', tenant_id, true);
  IF NOT EXISTS (SELECT FROM public.tenants AS t WHERE t.tenant_id = create_report_reader.tenant_id) THEN
    RAISE EXCEPTION 'There is no tenant %.', tenant_id USING ERRCODE = '22023';
  END IF;
  IF known <> tenant_id THEN
    RAISE EXCEPTION 'The reader % belongs to another tenant: drop it first.', role_name USING ERRCODE = '42710';
  END IF;
  IF known IS NULL THEN
    -- Fails when a role of that name is there for something else: no such role becomes a reader.
    EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 10',
      role_name);
    INSERT INTO reports.report_readers (role_name, tenant_id) VALUES (role_name, tenant_id);
    EXECUTE format('GRANT regulars_readers TO %I WITH INHERIT TRUE, SET FALSE', role_name);
    EXECUTE format('ALTER ROLE %I SET search_path = reports', role_name);
    EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', role_name);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''60s''', role_name);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', role_name);
  END IF;
  EXECUTE format('ALTER ROLE %I PASSWORD %L', role_name, password);
END
$$;
--> statement-breakpoint
-- Takes a reader away; sessions that are open see no rows from then on.
CREATE FUNCTION reports.drop_report_reader(role_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  DELETE FROM reports.report_readers AS r WHERE r.role_name = drop_report_reader.role_name;
  IF NOT FOUND THEN RAISE EXCEPTION 'There is no reader %.', role_name USING ERRCODE = '22023'; END IF;
  EXECUTE format('DROP ROLE %I', role_name);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION reports.create_report_reader(text, text, text), reports.drop_report_reader(text) FROM PUBLIC;
--> statement-breakpoint
GRANT SELECT ON tenants, regions, owners, stores, member_tiers, tier_history, orders, order_lines, refunds, transactions,
  entries, balances, lots, vouchers, activities, referrals, member_labels, member_figures, member_scores, score_history,
  segments, segment_members, store_scorecards, profile_completeness, repurchases, affinity_rules, message_history,
  insight_models TO regulars_reports;
--> statement-breakpoint
GRANT SELECT (tenant_id, member_id, profile, consent, home_store_id, source, enrolled_at, erased_at, is_person)
  ON members TO regulars_reports;
--> statement-breakpoint
-- The policy of the application goes by a setting that any session can change. For readers, who are asked through the
-- owner of the views, the restrictive policy holds beside it, whatever they set.
DO $$
DECLARE
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['tenants', 'regions', 'owners', 'stores', 'members', 'member_tiers', 'tier_history', 'orders',
    'order_lines', 'refunds', 'transactions', 'entries', 'balances', 'lots', 'vouchers', 'activities', 'referrals',
    'member_labels', 'member_figures', 'member_scores', 'score_history', 'segments', 'segment_members',
    'store_scorecards', 'profile_completeness', 'repurchases', 'affinity_rules', 'message_history', 'insight_models']
  LOOP
    EXECUTE format('CREATE POLICY tenant_of_reader ON public.%I FOR SELECT TO regulars_reports
      USING (tenant_id = (SELECT reports.reader_tenant()))', one);
    EXECUTE format('CREATE POLICY tenant_of_reader_only ON public.%I AS RESTRICTIVE FOR SELECT TO regulars_reports
      USING (tenant_id = (SELECT reports.reader_tenant()))', one);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE VIEW reports.tenant WITH (security_barrier) AS
  SELECT name, time_zone, currency, locale, (now() AT TIME ZONE time_zone)::date AS today FROM tenants;
COMMENT ON VIEW reports.tenant IS 'The tenant itself: one row.';
--> statement-breakpoint
CREATE VIEW reports.stores WITH (security_barrier) AS
  SELECT s.store_id, s.name, s.region_id, r.name AS region, s.owner_id, o.name AS owner, o.kind AS owner_kind
  FROM stores AS s
  LEFT JOIN regions AS r USING (tenant_id, region_id)
  LEFT JOIN owners AS o USING (tenant_id, owner_id);
COMMENT ON VIEW reports.stores IS 'Stores with their region and their owner.';
--> statement-breakpoint
CREATE VIEW reports.members WITH (security_barrier) AS
  SELECT m.member_id, m.enrolled_at, (m.enrolled_at AT TIME ZONE z.time_zone)::date AS enrolled_on, m.home_store_id,
    s.region_id AS home_region_id, m.source, substr(m.profile ->> 'birthday', 1, 4)::integer AS birth_year,
    m.profile ->> 'gender' AS gender, t.tier, t.since AS tier_since, t.until AS tier_until,
    coalesce(f.orders, 0) AS orders, coalesce(f.order_days, 0) AS order_days, coalesce(f.spend, 0) AS spend, f.profit,
    f.first_day, f.last_day, x.recency, x.frequency, x.monetary, x.engagement, x.rfm_segment, x.rfm_group, x.stage,
    x.label, x.band, x.profit_group, x.has_potential, x.churn_risk, x.since AS labels_since, x.cycle_days,
    x.next_order_on, x.churn_from, x.alive, x.expected_orders, x.expected_spend, x.lifetime_value
  FROM members AS m
  JOIN tenants AS z ON z.tenant_id = m.tenant_id
  LEFT JOIN stores AS s ON s.tenant_id = m.tenant_id AND s.store_id = m.home_store_id
  LEFT JOIN member_tiers AS t ON t.tenant_id = m.tenant_id AND t.member_id = m.member_id
  LEFT JOIN member_figures AS f ON f.tenant_id = m.tenant_id AND f.member_id = m.member_id
  LEFT JOIN member_scores AS x ON x.tenant_id = m.tenant_id AND x.member_id = m.member_id
  WHERE m.is_person;
COMMENT ON VIEW reports.members IS 'Members with tier, figures and scores; nobody who was erased.';
--> statement-breakpoint
CREATE VIEW reports.member_consents WITH (security_barrier) AS
  SELECT m.member_id, c.key AS purpose, c.value = 'true'::jsonb AS given
  FROM members AS m, LATERAL jsonb_each(m.consent) AS c
  WHERE m.is_person AND jsonb_typeof(m.consent) = 'object';
COMMENT ON VIEW reports.member_consents IS 'What members agreed to, a row for each channel or purpose.';
--> statement-breakpoint
CREATE VIEW reports.member_tags WITH (security_barrier) AS
  SELECT l.member_id, g.tag
  FROM member_labels AS l, LATERAL jsonb_array_elements_text(l.value) AS g (tag)
  WHERE l.name = 'tags' AND jsonb_typeof(l.value) = 'array';
COMMENT ON VIEW reports.member_tags IS 'Tags of members, as checkouts see them.';
--> statement-breakpoint
CREATE VIEW reports.orders WITH (security_barrier) AS
  SELECT o.member_id, o.order_id, o.state, o.store_id, o.region_id, o.owner_id, o.channel, o.partner, o.currency,
    o.placed_at, (o.placed_at AT TIME ZONE z.time_zone)::date AS placed_on, o.gross, o.net, o.vouchered, o.payable,
    o.refunded, o.payable - o.refunded AS kept,
    o.state = 'paid' AND o.undone IS NULL AND (o.refunded < o.payable OR o.payable = 0) AS counts, o.late,
    o.program_version
  FROM orders AS o JOIN tenants AS z ON z.tenant_id = o.tenant_id;
COMMENT ON VIEW reports.orders IS 'Orders as they stand. Figures and scores look at those that count; range by placed_at.';
--> statement-breakpoint
CREATE VIEW reports.order_lines WITH (security_barrier) AS
  SELECT member_id, order_id, line_id, sku, category, quantity, returned, unit_price, discount,
    (unit_price * quantity - discount) AS net
  FROM order_lines;
COMMENT ON VIEW reports.order_lines IS 'Lines of orders.';
--> statement-breakpoint
CREATE VIEW reports.refunds WITH (security_barrier) AS
  SELECT member_id, order_id, refund_id, at, amount FROM refunds;
COMMENT ON VIEW reports.refunds IS 'Refunds of orders.';
--> statement-breakpoint
CREATE VIEW reports.daily_sales WITH (security_barrier) AS
  SELECT (o.placed_at AT TIME ZONE z.time_zone)::date AS day, o.store_id, o.channel, count(*) AS orders,
    count(DISTINCT o.member_id) AS buyers, sum(o.payable - o.refunded)::bigint AS revenue
  FROM orders AS o JOIN tenants AS z ON z.tenant_id = o.tenant_id
  WHERE o.state = 'paid' AND o.undone IS NULL AND (o.refunded < o.payable OR o.payable = 0)
  GROUP BY 1, 2, 3;
COMMENT ON VIEW reports.daily_sales IS 'Orders that count by day, store and channel.';
--> statement-breakpoint
CREATE VIEW reports.transactions WITH (security_barrier) AS
  SELECT t.member_id, t.sequence, t.position, t.at, (t.at AT TIME ZONE z.time_zone)::date AS day, t.kind, t.rule,
    t.order_id, t.store_id
  FROM transactions AS t JOIN tenants AS z ON z.tenant_id = t.tenant_id;
COMMENT ON VIEW reports.transactions IS 'Atomic movements of points; their lines are in entries.';
--> statement-breakpoint
CREATE VIEW reports.entries WITH (security_barrier) AS
  SELECT member_id, sequence, position, line, account, currency, points, lot FROM entries;
COMMENT ON VIEW reports.entries IS 'Signed lines of transactions: they sum to zero per transaction and currency.';
--> statement-breakpoint
CREATE VIEW reports.balances WITH (security_barrier) AS
  SELECT member_id, currency, available, pending, held FROM balances;
COMMENT ON VIEW reports.balances IS 'Points that members hold now.';
--> statement-breakpoint
CREATE VIEW reports.lots WITH (security_barrier) AS
  SELECT member_id, lot_id, currency, points, available, pending, held, store_id, owner_id, rule, issued_at, issued_by,
    available_at, expires_at, unit_cost_milli
  FROM lots;
COMMENT ON VIEW reports.lots IS 'Points earned together, what is left of them, and when they expire.';
--> statement-breakpoint
CREATE VIEW reports.vouchers WITH (security_barrier) AS
  SELECT member_id, voucher_id, reward_id, state, origin_kind, issued_at, expires_at, order_id, value FROM vouchers;
COMMENT ON VIEW reports.vouchers IS 'Vouchers of members.';
--> statement-breakpoint
CREATE VIEW reports.tier_history WITH (security_barrier) AS
  SELECT member_id, sequence, at, kind, cause, tier, since, until, fixed FROM tier_history;
COMMENT ON VIEW reports.tier_history IS 'Every event that set a tier.';
--> statement-breakpoint
CREATE VIEW reports.activities WITH (security_barrier) AS
  SELECT member_id, type, at, store_id, points, reversed_at FROM activities;
COMMENT ON VIEW reports.activities IS 'What members did beside buying.';
--> statement-breakpoint
CREATE VIEW reports.referrals WITH (security_barrier) AS
  SELECT member_id, referee_id, at, currency, points, state FROM referrals;
COMMENT ON VIEW reports.referrals IS 'Members who brought others, once an order paid for it.';
--> statement-breakpoint
CREATE VIEW reports.messages WITH (security_barrier) AS
  SELECT member_id, message_id, channel, campaign_id, sent_at, opened_at, clicked_at FROM message_history;
COMMENT ON VIEW reports.messages IS 'Messages that members got.';
--> statement-breakpoint
CREATE VIEW reports.score_history WITH (security_barrier) AS
  SELECT member_id, since, until, recency, frequency, monetary, engagement, rfm_segment, rfm_group, stage, label, band,
    profit_group, has_potential, churn_risk, alive, lifetime_value
  FROM score_history
  UNION ALL
  SELECT member_id, since, NULL, recency, frequency, monetary, engagement, rfm_segment, rfm_group, stage, label, band,
    profit_group, has_potential, churn_risk, alive, lifetime_value
  FROM member_scores;
COMMENT ON VIEW reports.score_history IS 'Labels of members over time: on day D those with since <= D and (until > D or until is null).';
--> statement-breakpoint
CREATE VIEW reports.segments WITH (security_barrier) AS
  SELECT segment_id, name, version, state, members, built_at, created_at, ended_at FROM segments;
COMMENT ON VIEW reports.segments IS 'Segments, and how many are in them.';
--> statement-breakpoint
CREATE VIEW reports.segment_members WITH (security_barrier) AS
  SELECT segment_id, member_id, since, until, version FROM segment_members;
COMMENT ON VIEW reports.segment_members IS 'Stays of members in segments; those without until are present.';
--> statement-breakpoint
CREATE VIEW reports.scorecards WITH (security_barrier) AS
  SELECT c.day, c.store_id, s.name AS store, s.region_id, c.days, c.orders, c.buyers, c.revenue, c.enrolled,
    c.enrolment_rate, c.repeat_rate, c.redemption_rate, c.average_order, c.rating, c.ratings, c.score, c.rank, c.ranked,
    c.score_before
  FROM store_scorecards AS c LEFT JOIN stores AS s USING (tenant_id, store_id);
COMMENT ON VIEW reports.scorecards IS 'How stores did in the days until a day, and their place in the region.';
--> statement-breakpoint
CREATE VIEW reports.completeness WITH (security_barrier) AS
  SELECT nullif(segment_id, '') AS segment_id, field, members, filled, counted_on FROM profile_completeness;
COMMENT ON VIEW reports.completeness IS 'How many members have told a field; without segment_id: of all members.';
--> statement-breakpoint
CREATE VIEW reports.repurchases WITH (security_barrier) AS
  SELECT member_id, kind, ref, last_day, quantity, gaps, cycle_days, due_on, window_from, window_until, churn_from
  FROM repurchases;
COMMENT ON VIEW reports.repurchases IS 'When members need a product or category again.';
--> statement-breakpoint
CREATE VIEW reports.affinity_rules WITH (security_barrier) AS
  SELECT nullif(segment_id, '') AS segment_id, place, antecedent, consequent, baskets, count, confidence, lift, leverage,
    conviction, built_on
  FROM affinity_rules;
COMMENT ON VIEW reports.affinity_rules IS 'Who buys the antecedent also buys the consequent; best first by place.';
--> statement-breakpoint
CREATE VIEW reports.models WITH (security_barrier) AS
  SELECT kind, version, fitted_on, fitted_at, document FROM insight_models;
COMMENT ON VIEW reports.models IS 'What was fitted from all members; the highest version of a kind is in force.';
--> statement-breakpoint
-- The owner of a view needs the right to make one; it is taken back at once.
GRANT CREATE ON SCHEMA reports TO regulars_reports;
--> statement-breakpoint
DO $$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT viewname FROM pg_views WHERE schemaname = 'reports' LOOP
    EXECUTE format('GRANT SELECT ON reports.%I TO regulars_readers', one);
    EXECUTE format('ALTER VIEW reports.%I OWNER TO regulars_reports', one);
  END LOOP;
END
$$;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA reports FROM regulars_reports;
--> statement-breakpoint
-- Ends of labels come in the order of days, as movements of points do: ranges of either read their own pages alone.
CREATE INDEX score_history_by_end ON score_history USING brin (until) WITH (pages_per_range = 32);
CREATE INDEX transactions_by_time ON transactions USING brin (at) WITH (pages_per_range = 32);
--> statement-breakpoint
CREATE INDEX members_by_enrolment ON members (tenant_id, enrolled_at);
