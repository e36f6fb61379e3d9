-- What owners owe each other, derived from events like points; and which lot is whose to pay for.
GRANT SELECT, INSERT, DELETE ON dues TO regulars_app;
--> statement-breakpoint
-- What is locked stays as it is.
GRANT SELECT, INSERT ON clearing_periods, clearing_lines, clearing_nets TO regulars_app;
--> statement-breakpoint
ALTER TABLE dues FORCE ROW LEVEL SECURITY;
ALTER TABLE clearing_periods FORCE ROW LEVEL SECURITY;
ALTER TABLE clearing_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE clearing_nets FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- A lot is named by the event that opened it; one that opens it again tells the same facts, but not when it was issued.
CREATE OR REPLACE FUNCTION lots_of(stored member_events[], moved entries[]) RETURNS SETOF lots LANGUAGE sql STABLE AS $$
  SELECT part.tenant_id, part.member_id, part.lot_id, max(part.currency),
    sum(part.available)::bigint, sum(part.pending)::bigint, sum(part.held)::bigint,
    max(part.points), max(part.store_id), max(part.rule), max(part.available_at), max(part.expires_at),
    max(part.owner_id), max(part.unit_cost_milli), max(part.issued_at), max(part.issued_by)
  FROM (
    SELECT x.tenant_id, x.member_id, x.lot AS lot_id, x.currency,
      CASE x.account WHEN 'available' THEN x.points ELSE 0 END AS available,
      CASE x.account WHEN 'pending' THEN x.points ELSE 0 END AS pending,
      CASE x.account WHEN 'held' THEN x.points ELSE 0 END AS held,
      NULL::bigint AS points, NULL AS store_id, NULL AS rule,
      NULL::timestamptz AS available_at, NULL::timestamptz AS expires_at,
      NULL AS owner_id, NULL::bigint AS unit_cost_milli, NULL::timestamptz(3) AS issued_at, NULL AS issued_by
    FROM unnest(moved) AS x
    WHERE x.lot IS NOT NULL AND x.account IN ('available', 'pending', 'held')
    UNION ALL
    SELECT e.tenant_id, e.member_id, l.document ->> 'id', l.document ->> 'currency', 0, 0, 0,
      (l.document -> 'points')::bigint, l.document ->> 'storeId', l.document ->> 'rule',
      to_timestamp((l.document ->> 'availableAt')::double precision / 1000),
      to_timestamp((l.document ->> 'expiresAt')::double precision / 1000),
      l.document ->> 'ownerId', (l.document -> 'unitCostMilli')::bigint,
      CASE WHEN opens.here THEN e.at END, CASE WHEN opens.here THEN e.kind END
    FROM unnest(stored) AS e, jsonb_array_elements(e.body -> 'lots') AS l (document),
      LATERAL (SELECT starts_with(l.document ->> 'id', concat('lot_', e.sequence, '_'))) AS opens (here)
  ) AS part
  GROUP BY part.tenant_id, part.member_id, part.lot_id
$$;
--> statement-breakpoint
-- Lots that were there before: when they were issued.
UPDATE lots AS l SET issued_at = e.at, issued_by = e.kind
FROM member_events AS e
WHERE e.tenant_id = l.tenant_id AND e.member_id = l.member_id
  AND e.epoch = (SELECT m.epoch FROM members AS m WHERE m.tenant_id = e.tenant_id AND m.member_id = e.member_id)
  AND l.lot_id LIKE 'lot\_%' AND e.sequence::text = split_part(l.lot_id, '_', 2) AND l.points IS NOT NULL;
--> statement-breakpoint
CREATE FUNCTION dues_of(stored member_events[]) RETURNS SETOF dues LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, e.member_id, e.sequence, (d.place - 1)::smallint, e.at, e.body #>> '{order,orderId}',
    d.document ->> 'storeId', d.document ->> 'debtor', d.document ->> 'creditor', d.document ->> 'currency',
    (d.document -> 'points')::bigint, (d.document -> 'amountMilli')::bigint, d.document ->> 'money',
    d.document ->> 'lot', d.document ->> 'voucherId', d.document ->> 'reason', d.document ->> 'issuerStoreId'
  FROM unnest(stored) AS e, jsonb_array_elements(e.body -> 'dues') WITH ORDINALITY AS d (document, place)
$$;
--> statement-breakpoint
-- Points, orders and alerts.
CREATE OR REPLACE FUNCTION derive_points(stored member_events[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  moved entries[];
  told orders[];
  told_again orders[];
  one orders;
BEGIN
  SELECT coalesce(array_agg(x), '{}') INTO moved FROM entries_of(stored) AS x;
  IF cardinality(moved) > 0 THEN
    INSERT INTO transactions SELECT * FROM transactions_of(stored);
    INSERT INTO entries SELECT * FROM unnest(moved);
    INSERT INTO balances AS b SELECT * FROM balances_of(moved)
    ON CONFLICT (tenant_id, member_id, currency) DO UPDATE SET
      available = b.available + excluded.available,
      pending = b.pending + excluded.pending,
      held = b.held + excluded.held;
    INSERT INTO lots AS l SELECT * FROM lots_of(stored, moved)
    ON CONFLICT (tenant_id, member_id, lot_id) DO UPDATE SET
      available = l.available + excluded.available,
      pending = l.pending + excluded.pending,
      held = l.held + excluded.held,
      points = coalesce(l.points, excluded.points),
      store_id = coalesce(l.store_id, excluded.store_id),
      rule = coalesce(l.rule, excluded.rule),
      available_at = coalesce(l.available_at, excluded.available_at),
      expires_at = coalesce(l.expires_at, excluded.expires_at),
      owner_id = coalesce(l.owner_id, excluded.owner_id),
      unit_cost_milli = coalesce(l.unit_cost_milli, excluded.unit_cost_milli),
      issued_at = coalesce(l.issued_at, excluded.issued_at),
      issued_by = coalesce(l.issued_by, excluded.issued_by);
  END IF;

  WITH upserted AS (
    INSERT INTO orders AS o SELECT * FROM orders_of(stored)
    ON CONFLICT (tenant_id, member_id, order_id) DO UPDATE SET
      sequence = excluded.sequence, state = excluded.state, store_id = excluded.store_id,
      region_id = excluded.region_id, owner_id = excluded.owner_id, currency = excluded.currency,
      channel = excluded.channel, placed_at = excluded.placed_at, program_version = excluded.program_version,
      gross = excluded.gross, net = excluded.net, payable = excluded.payable, refunded = excluded.refunded,
      undone = excluded.undone, vouchered = excluded.vouchered, late = excluded.late, partner = excluded.partner
    WHERE o.sequence < excluded.sequence
    RETURNING new AS present, old.order_id AS id_before
  )
  SELECT coalesce(array_agg(present), '{}'), coalesce(array_agg(present) FILTER (WHERE id_before IS NOT NULL), '{}')
  INTO told, told_again FROM upserted;
  IF cardinality(told) > 0 THEN
    -- One by one, so that each is found by its key: a plan for all at once may read the whole table.
    FOREACH one IN ARRAY told_again LOOP
      DELETE FROM order_lines AS l
      WHERE l.tenant_id = one.tenant_id AND l.member_id = one.member_id AND l.order_id = one.order_id;
    END LOOP;
    INSERT INTO order_lines SELECT l.* FROM order_lines_of(stored) AS l
    JOIN unnest(told) AS t ON t.member_id = l.member_id AND t.order_id = l.order_id;
    INSERT INTO refunds SELECT * FROM refunds_of(stored) ON CONFLICT DO NOTHING;
    INSERT INTO alerts SELECT * FROM alerts_of(stored) ON CONFLICT DO NOTHING;
  END IF;
END
$$;
--> statement-breakpoint
CREATE FUNCTION derive_dues(stored member_events[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO dues SELECT * FROM dues_of(stored)
$$;
--> statement-breakpoint
-- Adds everything that follows from events that were not there before. The members' rows are locked by the caller.
CREATE OR REPLACE FUNCTION derive_events(stored member_events[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM derive_points(stored);
  PERFORM derive_loyalty(stored);
  PERFORM derive_dues(stored);
END
$$;
--> statement-breakpoint
-- Derives everything of one member again from its events of its newest epoch.
CREATE OR REPLACE FUNCTION rebuild_member(wanted text) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  stored member_events[];
BEGIN
  PERFORM FROM members WHERE tenant_id = tenant AND member_id = wanted FOR UPDATE;
  DELETE FROM transactions WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM entries WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM balances WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM lots WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM orders WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM order_lines WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM refunds WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM dues WHERE tenant_id = tenant AND member_id = wanted;
  PERFORM forget_loyalty(wanted);
  SELECT coalesce(array_agg(e ORDER BY e.sequence), '{}') INTO stored
  FROM member_events AS e
  WHERE e.tenant_id = tenant AND e.member_id = wanted
    AND e.epoch = (SELECT max(epoch) FROM member_events WHERE tenant_id = tenant AND member_id = wanted);
  PERFORM derive_events(stored);
  UPDATE members SET
    epoch = coalesce((SELECT max(e.epoch) FROM unnest(stored) AS e), 0),
    events = cardinality(stored),
    last_sequence = coalesce((SELECT max(e.sequence) FROM unnest(stored) AS e), 0),
    last_at = (SELECT max(e.at) FROM unnest(stored) AS e)
  WHERE tenant_id = tenant AND member_id = wanted;
END
$$;
--> statement-breakpoint
-- Names every table whose rows of the member are not those that follow from its events.
CREATE OR REPLACE FUNCTION contradicting_tables(wanted text, stored member_events[]) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT contradicting_points(wanted, stored) || contradicting_loyalty(wanted, stored) || ARRAY(
    SELECT 'dues' WHERE EXISTS (
      (SELECT * FROM dues_of(stored)
        EXCEPT SELECT * FROM dues WHERE tenant_id = current_setting('app.tenant_id') AND member_id = wanted)
      UNION ALL
      (SELECT * FROM dues WHERE tenant_id = current_setting('app.tenant_id') AND member_id = wanted
        EXCEPT SELECT * FROM dues_of(stored))
    )
  )
$$;
--> statement-breakpoint
-- Lines of before `ends` that no locked period has: dues since the last lock (`opened`, or -infinity), late ones, and what
-- locked lines say that is no longer so, taken back. Every due is in exactly one period; all periods sum to all dues.
CREATE FUNCTION open_lines(opened timestamptz, ends timestamptz) RETURNS SETOF clearing_lines
LANGUAGE sql STABLE AS $$
  SELECT d.tenant_id, '', 1::smallint, d.member_id, d.sequence, d.position, d.at, d.order_id, d.store_id, d.debtor,
    d.creditor, d.currency, d.points, d.amount_milli, d.money, d.lot, d.voucher_id, d.reason, d.issuer_store_id
  FROM dues AS d
  WHERE d.tenant_id = current_setting('app.tenant_id') AND d.at >= opened AND d.at < ends
  UNION ALL
  SELECT both_.tenant_id, '', sum(both_.times)::smallint, both_.member_id, both_.sequence, both_.position, both_.at,
    both_.order_id, both_.store_id, both_.debtor, both_.creditor, both_.currency, both_.points, both_.amount_milli,
    both_.money, both_.lot, both_.voucher_id, both_.reason, both_.issuer_store_id
  FROM (
    SELECT d.*, 1 AS times FROM dues AS d
    WHERE d.tenant_id = current_setting('app.tenant_id') AND d.at < opened
    UNION ALL
    SELECT l.tenant_id, l.member_id, l.sequence, l.position, l.at, l.order_id, l.store_id, l.debtor, l.creditor,
      l.currency, l.points, l.amount_milli, l.money, l.lot, l.voucher_id, l.reason, l.issuer_store_id, -l.times
    FROM clearing_lines AS l
    WHERE l.tenant_id = current_setting('app.tenant_id')
  ) AS both_
  GROUP BY both_.tenant_id, both_.member_id, both_.sequence, both_.position, both_.at, both_.order_id, both_.store_id,
    both_.debtor, both_.creditor, both_.currency, both_.points, both_.amount_milli, both_.money, both_.lot,
    both_.voucher_id, both_.reason, both_.issuer_store_id
  HAVING sum(both_.times) <> 0
$$;
--> statement-breakpoint
-- Makes the statements of a period final. Fails with 23505 when it is locked already.
CREATE FUNCTION lock_period(wanted text, starts timestamptz, ends timestamptz, locking timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  before clearing_periods;
BEGIN
  SELECT * INTO before FROM clearing_periods WHERE tenant_id = tenant ORDER BY ends_at DESC LIMIT 1;
  INSERT INTO clearing_periods VALUES (tenant, wanted, starts, ends, locking);
  INSERT INTO clearing_lines
  SELECT l.tenant_id, wanted, l.times, l.member_id, l.sequence, l.position, l.at, l.order_id, l.store_id, l.debtor,
    l.creditor, l.currency, l.points, l.amount_milli, l.money, l.lot, l.voucher_id, l.reason, l.issuer_store_id
  FROM open_lines(coalesce(before.ends_at, '-infinity'), ends) AS l;
  -- Division of integers drops the rest towards zero, and % keeps it, with its sign.
  INSERT INTO clearing_nets
  SELECT tenant, wanted, n.owner_a, n.owner_b, n.money, n.opening, n.change, (n.opening + n.change) / 1000,
    (n.opening + n.change) % 1000, n.lines
  FROM (
    SELECT part.owner_a, part.owner_b, part.money, sum(part.opening)::bigint AS opening,
      sum(part.change)::bigint AS change, sum(part.lines)::integer AS lines
    FROM (
      SELECT least(l.debtor, l.creditor) AS owner_a, greatest(l.debtor, l.creditor) AS owner_b, l.money, 0 AS opening,
        CASE WHEN l.debtor < l.creditor THEN 1 ELSE -1 END * l.times * l.amount_milli AS change, 1 AS lines
      FROM clearing_lines AS l WHERE l.tenant_id = tenant AND l.period = wanted
      UNION ALL
      SELECT c.owner_a, c.owner_b, c.money, c.closing_milli, 0, 0
      FROM clearing_nets AS c WHERE c.tenant_id = tenant AND c.period = before.period AND c.closing_milli <> 0
    ) AS part
    GROUP BY part.owner_a, part.owner_b, part.money
  ) AS n;
END
$$;
