-- What members have beside points, derived from events like their points; and what a shadow made of live orders.
GRANT SELECT, INSERT, UPDATE, DELETE
  ON vouchers, order_vouchers, member_tiers, tier_history, activities, transfers, referrals, order_grants, member_labels
  TO regulars_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON simulations, shadows, shadow_days, shadow_differences, shadow_examples TO regulars_app;
--> statement-breakpoint
ALTER TABLE vouchers FORCE ROW LEVEL SECURITY;
ALTER TABLE order_vouchers FORCE ROW LEVEL SECURITY;
ALTER TABLE member_tiers FORCE ROW LEVEL SECURITY;
ALTER TABLE tier_history FORCE ROW LEVEL SECURITY;
ALTER TABLE activities FORCE ROW LEVEL SECURITY;
ALTER TABLE transfers FORCE ROW LEVEL SECURITY;
ALTER TABLE referrals FORCE ROW LEVEL SECURITY;
ALTER TABLE order_grants FORCE ROW LEVEL SECURITY;
ALTER TABLE member_labels FORCE ROW LEVEL SECURITY;
ALTER TABLE simulations FORCE ROW LEVEL SECURITY;
ALTER TABLE shadows FORCE ROW LEVEL SECURITY;
ALTER TABLE shadow_days FORCE ROW LEVEL SECURITY;
ALTER TABLE shadow_differences FORCE ROW LEVEL SECURITY;
ALTER TABLE shadow_examples FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- The latest of the given events tells each order.
CREATE OR REPLACE FUNCTION orders_of(stored member_events[]) RETURNS SETOF orders LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, o.document ->> 'orderId')
    e.tenant_id, e.member_id, o.document ->> 'orderId', e.sequence, o.document ->> 'state', o.document ->> 'storeId',
    o.document ->> 'regionId', o.document ->> 'ownerId', o.document ->> 'currency', o.document ->> 'channel',
    to_timestamp((o.document -> 'placedAt')::double precision / 1000), (o.document -> 'programVersion')::integer,
    (o.document -> 'gross')::bigint, (o.document -> 'net')::bigint, (o.document -> 'payable')::bigint,
    (o.document -> 'refunded')::bigint, o.document ->> 'undone',
    coalesce((SELECT sum((l -> 'vouchered')::bigint) FROM jsonb_array_elements(o.document -> 'lines') AS l), 0)::bigint,
    coalesce((o.document -> 'late')::boolean, false), o.document ->> 'partner'
  FROM unnest(stored) AS e, LATERAL (SELECT e.body -> 'order') AS o (document)
  WHERE o.document IS NOT NULL
  ORDER BY e.member_id, o.document ->> 'orderId', e.sequence DESC
$$;
--> statement-breakpoint
-- A voucher as its latest event tells it; its value, where that event is the order that used it.
CREATE FUNCTION vouchers_of(stored member_events[]) RETURNS SETOF vouchers LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, v ->> 'id')
    e.tenant_id, e.member_id, v ->> 'id', e.sequence, v ->> 'rewardId', (v -> 'programVersion')::integer, v ->> 'state',
    v #>> '{origin,kind}', v #>> '{origin,ref}', v ->> 'borneBy', v ->> 'issuerOwnerId',
    to_timestamp((v -> 'issuedAt')::double precision / 1000),
    to_timestamp((v ->> 'expiresAt')::double precision / 1000), v ->> 'orderId',
    CASE v ->> 'state' WHEN 'used' THEN (
      SELECT sum((u -> 'value')::bigint)::bigint FROM jsonb_array_elements(e.body #> '{order,vouchers}') AS u
      WHERE u ->> 'voucherId' = v ->> 'id' AND u ->> 'state' = 'used') END
  FROM unnest(stored) AS e, jsonb_array_elements(e.body -> 'vouchers') AS v
  ORDER BY e.member_id, v ->> 'id', e.sequence DESC
$$;
--> statement-breakpoint
CREATE FUNCTION order_vouchers_of(stored member_events[]) RETURNS SETOF order_vouchers LANGUAGE sql STABLE AS $$
  SELECT latest.tenant_id, latest.member_id, latest.order_id, (p.place - 1)::smallint, p.document ->> 'voucherId',
    p.document ->> 'rewardId', p.document ->> 'benefit', p.document #>> '{code,campaign}',
    (p.document -> 'value')::bigint, p.document ->> 'state'
  FROM (
    SELECT DISTINCT ON (e.member_id, e.body #>> '{order,orderId}')
      e.tenant_id, e.member_id, e.body #>> '{order,orderId}' AS order_id, e.body #> '{order,vouchers}' AS parts
    FROM unnest(stored) AS e
    WHERE e.body ? 'order'
    ORDER BY e.member_id, e.body #>> '{order,orderId}', e.sequence DESC
  ) AS latest, jsonb_array_elements(latest.parts) WITH ORDINALITY AS p (document, place)
$$;
--> statement-breakpoint
CREATE FUNCTION order_grants_of(stored member_events[]) RETURNS SETOF order_grants LANGUAGE sql STABLE AS $$
  SELECT latest.tenant_id, latest.member_id, latest.order_id, (p.place - 1)::smallint, p.document ->> 'kind',
    p.document ->> 'ref', p.document ->> 'voucherId', (
      SELECT coalesce(jsonb_object_agg(sums.currency, sums.points), '{}') FROM (
        SELECT x ->> 'currency' AS currency, sum((x -> 'points')::bigint) AS points
        FROM jsonb_array_elements(p.document -> 'earned') AS x GROUP BY x ->> 'currency') AS sums),
    coalesce((p.document -> 'undone')::boolean, false)
  FROM (
    SELECT DISTINCT ON (e.member_id, e.body #>> '{order,orderId}')
      e.tenant_id, e.member_id, e.body #>> '{order,orderId}' AS order_id, e.body #> '{order,grants}' AS parts
    FROM unnest(stored) AS e
    WHERE e.body ? 'order'
    ORDER BY e.member_id, e.body #>> '{order,orderId}', e.sequence DESC
  ) AS latest, jsonb_array_elements(latest.parts) WITH ORDINALITY AS p (document, place)
$$;
--> statement-breakpoint
CREATE FUNCTION tier_history_of(stored member_events[]) RETURNS SETOF tier_history LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, e.member_id, e.sequence, e.at, e.kind, e.body ->> 'cause', e.body #>> '{tier,tier}',
    to_timestamp((e.body #>> '{tier,since}')::double precision / 1000),
    to_timestamp((e.body #>> '{tier,until}')::double precision / 1000),
    coalesce((e.body #>> '{tier,fixed}')::boolean, false), e.body #>> '{order,orderId}'
  FROM unnest(stored) AS e
  WHERE e.body ? 'tier'
$$;
--> statement-breakpoint
CREATE FUNCTION member_tiers_of(stored member_events[]) RETURNS SETOF member_tiers LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (t.member_id) t.tenant_id, t.member_id, t.sequence, t.tier, t.since, t.until, t.fixed
  FROM tier_history_of(stored) AS t
  ORDER BY t.member_id, t.sequence DESC
$$;
--> statement-breakpoint
CREATE FUNCTION activities_of(stored member_events[]) RETURNS SETOF activities LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, e.member_id, e.sequence, e.body #>> '{activity,type}', e.body #>> '{activity,key}',
    to_timestamp((e.body #>> '{activity,at}')::double precision / 1000), e.body #>> '{activity,storeId}',
    (
      SELECT coalesce(jsonb_object_agg(sums.currency, sums.points), '{}') FROM (
        SELECT x ->> 'currency' AS currency, sum((x -> 'points')::bigint) AS points
        FROM jsonb_array_elements(e.body #> '{activity,earned}') AS x GROUP BY x ->> 'currency') AS sums)
  FROM unnest(stored) AS e
  WHERE e.kind = 'activity.recorded'
$$;
--> statement-breakpoint
-- A movement's parts stand in each of its events, so that the latest tells all of it.
CREATE FUNCTION transfers_of(stored member_events[]) RETURNS SETOF transfers LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, e.body #>> '{transfer,id}', part.currency)
    e.tenant_id, e.member_id, e.body #>> '{transfer,id}', part.currency, e.sequence, e.at,
    e.body #>> '{transfer,purpose}', e.body #>> '{transfer,from}', e.body #>> '{transfer,to}', part.points,
    coalesce(jsonb_array_length(e.body #> '{transfer,vouchers}'), 0), split_part(e.kind, '.', 2)
  FROM unnest(stored) AS e, LATERAL (
    SELECT coalesce(p #>> '{lot,currency}', '') AS currency, coalesce(sum((p -> 'points')::bigint), 0)::bigint AS points
    FROM (SELECT 1) AS always LEFT JOIN jsonb_array_elements(e.body #> '{transfer,parts}') AS p ON true
    GROUP BY coalesce(p #>> '{lot,currency}', '')
  ) AS part
  WHERE e.kind LIKE 'transfer.%'
  ORDER BY e.member_id, e.body #>> '{transfer,id}', part.currency, e.sequence DESC
$$;
--> statement-breakpoint
CREATE FUNCTION referrals_of(stored member_events[]) RETURNS SETOF referrals LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, e.body #>> '{referral,id}')
    e.tenant_id, e.member_id, e.body #>> '{referral,id}', e.sequence, e.at, e.body #>> '{referral,refereeId}',
    e.body #>> '{referral,currency}', (e.body #> '{referral,points}')::bigint, split_part(e.kind, '.', 2)
  FROM unnest(stored) AS e
  WHERE e.kind LIKE 'referral.%'
  ORDER BY e.member_id, e.body #>> '{referral,id}', e.sequence DESC
$$;
--> statement-breakpoint
CREATE FUNCTION member_labels_of(stored member_events[]) RETURNS SETOF member_labels LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, l.name) e.tenant_id, e.member_id, l.name, e.sequence, nullif(l.value, 'null')
  FROM unnest(stored) AS e, LATERAL (
    SELECT 'tags' AS name, e.body -> 'tags' AS value WHERE e.body ? 'tags'
    UNION ALL SELECT 'segments', e.body -> 'segments' WHERE e.body ? 'segments'
    UNION ALL SELECT 'fact:' || f.key, f.value FROM jsonb_each(e.body -> 'facts') AS f
  ) AS l
  ORDER BY e.member_id, l.name, e.sequence DESC
$$;
--> statement-breakpoint
-- Points, orders and alerts.
CREATE FUNCTION derive_points(stored member_events[]) RETURNS void LANGUAGE plpgsql AS $$
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
      expires_at = coalesce(l.expires_at, excluded.expires_at);
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
-- Adds what members have beside points, once orders are written: an order's row tells which event it follows.
CREATE FUNCTION derive_loyalty(stored member_events[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  any_vouchers boolean;
  told orders[];
  one orders;
BEGIN
  IF EXISTS (SELECT FROM unnest(stored) AS e WHERE e.body
    ?| ARRAY['vouchers', 'tier', 'activity', 'transfer', 'referral', 'tags', 'segments', 'facts']) THEN
    INSERT INTO vouchers AS known SELECT * FROM vouchers_of(stored)
    ON CONFLICT (tenant_id, member_id, voucher_id) DO UPDATE SET
      sequence = excluded.sequence, reward_id = excluded.reward_id, program_version = excluded.program_version,
      state = excluded.state, origin_kind = excluded.origin_kind, origin_ref = excluded.origin_ref, borne_by =
      excluded.borne_by, issuer_owner_id = excluded.issuer_owner_id, issued_at = excluded.issued_at, expires_at =
      excluded.expires_at, order_id = excluded.order_id, value = excluded.value
    WHERE known.sequence < excluded.sequence;
    INSERT INTO member_tiers AS known SELECT * FROM member_tiers_of(stored)
    ON CONFLICT (tenant_id, member_id) DO UPDATE SET
      sequence = excluded.sequence, tier = excluded.tier, since = excluded.since, until = excluded.until, fixed =
      excluded.fixed
    WHERE known.sequence < excluded.sequence;
    INSERT INTO transfers AS known SELECT * FROM transfers_of(stored)
    ON CONFLICT (tenant_id, member_id, transfer_id, currency) DO UPDATE SET
      sequence = excluded.sequence, at = excluded.at, purpose = excluded.purpose, from_id = excluded.from_id,
      to_id = excluded.to_id, points = excluded.points, vouchers = excluded.vouchers, state = excluded.state
    WHERE known.sequence < excluded.sequence;
    INSERT INTO referrals AS known SELECT * FROM referrals_of(stored)
    ON CONFLICT (tenant_id, member_id, referral_id) DO UPDATE SET
      sequence = excluded.sequence, at = excluded.at, referee_id = excluded.referee_id, currency =
      excluded.currency, points = excluded.points, state = excluded.state
    WHERE known.sequence < excluded.sequence;
    INSERT INTO member_labels AS known SELECT * FROM member_labels_of(stored)
    ON CONFLICT (tenant_id, member_id, name) DO UPDATE SET
      sequence = excluded.sequence, value = excluded.value
    WHERE known.sequence < excluded.sequence;
    INSERT INTO tier_history SELECT * FROM tier_history_of(stored);
    INSERT INTO activities SELECT * FROM activities_of(stored);
  END IF;

  -- A paid order may have none of the vouchers with which it was authorized.
  any_vouchers := EXISTS (SELECT FROM order_vouchers WHERE tenant_id = tenant);
  SELECT coalesce(array_agg(o), '{}') INTO told
  FROM unnest(stored) AS e
  JOIN orders AS o ON o.tenant_id = e.tenant_id AND o.member_id = e.member_id
    AND o.order_id = e.body #>> '{order,orderId}' AND o.sequence = e.sequence
  WHERE any_vouchers OR e.body -> 'order' ?| ARRAY['vouchers', 'grants'];
  IF cardinality(told) = 0 THEN RETURN; END IF;
  FOREACH one IN ARRAY told LOOP
    DELETE FROM order_vouchers AS v
    WHERE v.tenant_id = one.tenant_id AND v.member_id = one.member_id AND v.order_id = one.order_id;
    DELETE FROM order_grants AS g
    WHERE g.tenant_id = one.tenant_id AND g.member_id = one.member_id AND g.order_id = one.order_id;
  END LOOP;
  INSERT INTO order_vouchers SELECT v.* FROM order_vouchers_of(stored) AS v
  JOIN unnest(told) AS t ON t.member_id = v.member_id AND t.order_id = v.order_id;
  INSERT INTO order_grants SELECT g.* FROM order_grants_of(stored) AS g
  JOIN unnest(told) AS t ON t.member_id = g.member_id AND t.order_id = g.order_id;
END
$$;
--> statement-breakpoint
-- Adds everything that follows from events that were not there before. The members' rows are locked by the caller.
CREATE OR REPLACE FUNCTION derive_events(stored member_events[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM derive_points(stored);
  PERFORM derive_loyalty(stored);
END
$$;
--> statement-breakpoint
CREATE FUNCTION forget_loyalty(wanted text) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
BEGIN
  DELETE FROM vouchers WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM order_vouchers WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM member_tiers WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM tier_history WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM activities WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM transfers WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM referrals WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM order_grants WHERE tenant_id = tenant AND member_id = wanted;
  DELETE FROM member_labels WHERE tenant_id = tenant AND member_id = wanted;
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
ALTER FUNCTION contradicting_tables(text, member_events[]) RENAME TO contradicting_points;
--> statement-breakpoint
CREATE FUNCTION contradicting_loyalty(wanted text, stored member_events[]) RETURNS text[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
BEGIN
  RETURN ARRAY(
    SELECT 'vouchers' WHERE EXISTS (
      (SELECT * FROM vouchers_of(stored)
        EXCEPT SELECT * FROM vouchers WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM vouchers WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM vouchers_of(stored))
    )
    UNION ALL SELECT 'order_vouchers' WHERE EXISTS (
      (SELECT * FROM order_vouchers_of(stored)
        EXCEPT SELECT * FROM order_vouchers WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM order_vouchers WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM order_vouchers_of(stored))
    )
    UNION ALL SELECT 'member_tiers' WHERE EXISTS (
      (SELECT * FROM member_tiers_of(stored)
        EXCEPT SELECT * FROM member_tiers WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM member_tiers WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM member_tiers_of(stored))
    )
    UNION ALL SELECT 'tier_history' WHERE EXISTS (
      (SELECT * FROM tier_history_of(stored)
        EXCEPT SELECT * FROM tier_history WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM tier_history WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM tier_history_of(stored))
    )
    UNION ALL SELECT 'activities' WHERE EXISTS (
      (SELECT * FROM activities_of(stored)
        EXCEPT SELECT * FROM activities WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM activities WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM activities_of(stored))
    )
    UNION ALL SELECT 'transfers' WHERE EXISTS (
      (SELECT * FROM transfers_of(stored)
        EXCEPT SELECT * FROM transfers WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM transfers WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM transfers_of(stored))
    )
    UNION ALL SELECT 'referrals' WHERE EXISTS (
      (SELECT * FROM referrals_of(stored)
        EXCEPT SELECT * FROM referrals WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM referrals WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM referrals_of(stored))
    )
    UNION ALL SELECT 'order_grants' WHERE EXISTS (
      (SELECT * FROM order_grants_of(stored)
        EXCEPT SELECT * FROM order_grants WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM order_grants WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM order_grants_of(stored))
    )
    UNION ALL SELECT 'member_labels' WHERE EXISTS (
      (SELECT * FROM member_labels_of(stored)
        EXCEPT SELECT * FROM member_labels WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM member_labels WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM member_labels_of(stored))
    )
  );
END
$$;
--> statement-breakpoint
-- Names every table whose rows of the member are not those that follow from its events.
CREATE FUNCTION contradicting_tables(wanted text, stored member_events[]) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT contradicting_points(wanted, stored) || contradicting_loyalty(wanted, stored)
$$;
--> statement-breakpoint
-- Projects like project_events, and adds what a candidate made of the orders among them: `[{memberId, epoch, sequence,
-- orderId, day, rules: [{rule, currency, now, candidate}], example}]`. Events that were there already are left out.
CREATE FUNCTION project_shadowed(arriving text, documents jsonb, shadow text, seen jsonb) RETURNS jsonb
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
  SELECT tenant, shadow, (s ->> 'day')::date, count(*), count(*) FILTER (WHERE s -> 'example' <> 'null')
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
