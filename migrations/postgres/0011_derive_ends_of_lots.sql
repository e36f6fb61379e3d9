-- When points end and become available follows the latest event that tells of their lot, whatever the order of arrival.
-- A lot is named by the event that opened it, and issued by it; the latest event that tells of it tells its times.
CREATE OR REPLACE FUNCTION lots_of(stored member_events[], moved entries[]) RETURNS SETOF lots LANGUAGE sql STABLE AS $$
  SELECT part.tenant_id, part.member_id, part.lot_id, max(part.currency),
    sum(part.available)::bigint, sum(part.pending)::bigint, sum(part.held)::bigint,
    max(part.points), max(part.store_id), max(part.rule), max(part.available_at), max(part.expires_at),
    max(part.owner_id), max(part.unit_cost_milli), max(part.issued_at), max(part.issued_by),
    max(part.inactivity_days), max(part.told_sequence)
  FROM (
    SELECT x.tenant_id, x.member_id, x.lot AS lot_id, x.currency,
      CASE x.account WHEN 'available' THEN x.points ELSE 0 END AS available,
      CASE x.account WHEN 'pending' THEN x.points ELSE 0 END AS pending,
      CASE x.account WHEN 'held' THEN x.points ELSE 0 END AS held,
      NULL::bigint AS points, NULL AS store_id, NULL AS rule,
      NULL::timestamptz AS available_at, NULL::timestamptz AS expires_at,
      NULL AS owner_id, NULL::bigint AS unit_cost_milli, NULL::timestamptz(3) AS issued_at, NULL AS issued_by,
      NULL::integer AS inactivity_days, NULL::bigint AS told_sequence
    FROM unnest(moved) AS x
    WHERE x.lot IS NOT NULL AND x.account IN ('available', 'pending', 'held')
    UNION ALL
    SELECT latest.tenant_id, latest.member_id, latest.document ->> 'id', latest.document ->> 'currency', 0, 0, 0,
      (latest.document -> 'points')::bigint, latest.document ->> 'storeId', latest.document ->> 'rule',
      to_timestamp((latest.document ->> 'availableAt')::double precision / 1000),
      to_timestamp((latest.document ->> 'expiresAt')::double precision / 1000),
      latest.document ->> 'ownerId', (latest.document -> 'unitCostMilli')::bigint, latest.issued_at, latest.issued_by,
      (latest.document -> 'inactivityDays')::integer, latest.sequence
    FROM (
      SELECT e.tenant_id, e.member_id, e.sequence, l.document,
        max(CASE WHEN opens.here THEN e.at END) OVER lot AS issued_at,
        max(CASE WHEN opens.here THEN e.kind END) OVER lot AS issued_by,
        row_number() OVER (
          PARTITION BY e.member_id, l.document ->> 'id' ORDER BY e.sequence DESC, l.place DESC) AS age
      FROM unnest(stored) AS e, jsonb_array_elements(e.body -> 'lots') WITH ORDINALITY AS l (document, place),
        LATERAL (SELECT starts_with(l.document ->> 'id', concat('lot_', e.sequence, '_'))) AS opens (here)
      WINDOW lot AS (PARTITION BY e.member_id, l.document ->> 'id')
    ) AS latest
    WHERE latest.age = 1
  ) AS part
  GROUP BY part.tenant_id, part.member_id, part.lot_id
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
  IF cardinality(moved) > 0
    OR EXISTS (SELECT FROM unnest(stored) AS e WHERE jsonb_array_length(e.body -> 'lots') > 0) THEN
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
      available_at = CASE WHEN excluded.told_sequence > coalesce(l.told_sequence, 0) THEN excluded.available_at
        ELSE l.available_at END,
      expires_at = CASE WHEN excluded.told_sequence > coalesce(l.told_sequence, 0) THEN excluded.expires_at
        ELSE l.expires_at END,
      inactivity_days = coalesce(l.inactivity_days, excluded.inactivity_days),
      told_sequence = greatest(l.told_sequence, excluded.told_sequence),
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
-- Lots that were there before: which event told of them last.
UPDATE lots AS l SET told_sequence = told.sequence
FROM (
  SELECT e.tenant_id, e.member_id, d ->> 'id' AS lot_id, max(e.sequence) AS sequence
  FROM member_events AS e JOIN members AS m USING (tenant_id, member_id, epoch),
    jsonb_array_elements(e.body -> 'lots') AS d
  GROUP BY e.tenant_id, e.member_id, d ->> 'id'
) AS told
WHERE told.tenant_id = l.tenant_id AND told.member_id = l.member_id AND told.lot_id = l.lot_id;
--> statement-breakpoint
-- Projects like project_events, and adds what a candidate made of the orders among them: `[{memberId, epoch, sequence,
-- orderId, day, differs, rules: [{rule, currency, now, candidate}], example}]`. Events that were there are left out.
CREATE OR REPLACE FUNCTION project_shadowed(arriving text, documents jsonb, shadow text, seen jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  repeated jsonb;
  fresh jsonb;
BEGIN
  repeated := project_events(arriving, documents);
  SELECT coalesce(jsonb_agg(s), '[]') INTO fresh
  FROM jsonb_array_elements(seen) AS s
  WHERE NOT repeated @> jsonb_build_array(jsonb_build_array(s -> 'memberId', s -> 'epoch', s -> 'sequence'));
  -- Sorted, so that two batches never wait for each other.
  INSERT INTO shadow_days AS known
  SELECT tenant, shadow, (s ->> 'day')::date, count(*), count(*) FILTER (WHERE (s -> 'differs')::boolean)
  FROM jsonb_array_elements(fresh) AS s GROUP BY s ->> 'day' ORDER BY s ->> 'day'
  ON CONFLICT (tenant_id, shadow_id, day) DO UPDATE SET
    orders = known.orders + excluded.orders, differing = known.differing + excluded.differing;
  INSERT INTO shadow_differences AS known
  SELECT tenant, shadow, (s ->> 'day')::date, r ->> 'rule', r ->> 'currency', sum((r -> 'now')::bigint)::bigint,
    sum((r -> 'candidate')::bigint)::bigint, count(*) FILTER (WHERE r -> 'now' <> r -> 'candidate')
  FROM jsonb_array_elements(fresh) AS s, jsonb_array_elements(s -> 'rules') AS r
  GROUP BY s ->> 'day', r ->> 'rule', r ->> 'currency' ORDER BY s ->> 'day', r ->> 'rule', r ->> 'currency'
  ON CONFLICT (tenant_id, shadow_id, day, rule, currency) DO UPDATE SET
    points_now = known.points_now + excluded.points_now,
    points_candidate = known.points_candidate + excluded.points_candidate,
    differing = known.differing + excluded.differing;
  -- Twenty of a day are enough to look at.
  INSERT INTO shadow_examples
  SELECT tenant, shadow, e.day, e.member_id, e.order_id, e.now, e.candidate
  FROM (
    SELECT (s ->> 'day')::date AS day, s ->> 'memberId' AS member_id, s ->> 'orderId' AS order_id,
      s #> '{example,now}' AS now, s #> '{example,candidate}' AS candidate,
      row_number() OVER (PARTITION BY s ->> 'day' ORDER BY s ->> 'memberId', s ->> 'orderId') AS place
    FROM jsonb_array_elements(fresh) AS s WHERE s -> 'example' <> 'null'
  ) AS e
  WHERE e.place + (SELECT count(*) FROM shadow_examples AS x
    WHERE x.tenant_id = tenant AND x.shadow_id = shadow AND x.day = e.day) <= 20
  ON CONFLICT DO NOTHING;
  RETURN repeated;
END
$$;
