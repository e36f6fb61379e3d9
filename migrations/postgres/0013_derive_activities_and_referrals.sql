-- Events beside orders by their own keys, and referrals by what stands of them.
-- An event beside orders as its latest event tells it; the record of a reversal is complete again.
CREATE OR REPLACE FUNCTION activities_of(stored member_events[]) RETURNS SETOF activities LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, r ->> 'type', r ->> 'key')
    e.tenant_id, e.member_id, e.sequence, r ->> 'type', r ->> 'key', to_timestamp((r -> 'at')::double precision / 1000),
    r ->> 'storeId',
    (SELECT coalesce(jsonb_object_agg(sums.currency, sums.points), '{}') FROM (
      SELECT x ->> 'currency' AS currency, sum((x -> 'points')::bigint - (x -> 'reversed')::bigint) AS points
      FROM jsonb_array_elements(r -> 'earned') AS x GROUP BY x ->> 'currency') AS sums),
    (SELECT coalesce(jsonb_agg(g - 'spends' - 'earned'), '[]') FROM jsonb_array_elements(r -> 'grants') AS g),
    to_timestamp((r ->> 'reversedAt')::double precision / 1000)
  FROM unnest(stored) AS e, LATERAL (SELECT e.body -> 'record') AS told (r)
  WHERE e.kind IN ('activity.recorded', 'activity.reversed')
  ORDER BY e.member_id, r ->> 'type', r ->> 'key', e.sequence DESC
$$;
--> statement-breakpoint
-- The side of who brought the other: an order of the other that comes back reverses it there.
CREATE OR REPLACE FUNCTION referrals_of(stored member_events[]) RETURNS SETOF referrals LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, r ->> 'id')
    e.tenant_id, e.member_id, r ->> 'id', e.sequence, e.at, r ->> 'refereeId', coalesce(r #>> '{earned,currency}', ''),
    coalesce((r #> '{earned,points}')::bigint - (r #> '{earned,reversed}')::bigint, 0), split_part(e.kind, '.', 2)
  FROM unnest(stored) AS e, LATERAL (SELECT e.body -> 'referral') AS told (r)
  WHERE e.kind IN ('referral.rewarded', 'referral.reversed') AND r ->> 'referrerId' = e.member_id
  ORDER BY e.member_id, r ->> 'id', e.sequence DESC
$$;
--> statement-breakpoint
-- Adds what members have beside points, once orders are written: an order's row tells which event it follows.
CREATE OR REPLACE FUNCTION derive_loyalty(stored member_events[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  any_vouchers boolean;
  told orders[];
  one orders;
BEGIN
  IF EXISTS (SELECT FROM unnest(stored) AS e WHERE e.body ?| ARRAY['vouchers', 'tier', 'tags', 'segments', 'facts']
    OR split_part(e.kind, '.', 1) IN ('activity', 'transfer', 'referral')) THEN
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
    INSERT INTO activities AS known SELECT * FROM activities_of(stored)
    ON CONFLICT (tenant_id, member_id, type, key) DO UPDATE SET
      sequence = excluded.sequence, at = excluded.at, store_id = excluded.store_id, points = excluded.points,
      grants = excluded.grants, reversed_at = excluded.reversed_at
    WHERE known.sequence < excluded.sequence;
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
