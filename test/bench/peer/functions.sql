-- The same ledger as one call each: everything of a request happens inside PostgreSQL, in one round trip.
CREATE FUNCTION take_lots(wanted_member text, wanted bigint, reference text, account text, OUT lot_ids bigint[])
LANGUAGE plpgsql AS $$
DECLARE
  lot record;
  part bigint;
  remainder bigint := wanted;
BEGIN
  lot_ids := '{}';
  FOR lot IN
    SELECT id, remaining FROM lots
    WHERE member_id = wanted_member AND remaining > 0 AND expires_at > now()
    ORDER BY expires_at, id
  LOOP
    EXIT WHEN remainder = 0;
    part := least(lot.remaining, remainder);
    UPDATE lots SET remaining = remaining - part WHERE id = lot.id;
    INSERT INTO entries (member_id, reference, account, points, lot_id)
    VALUES (wanted_member, reference, 'available', -part, lot.id), (wanted_member, reference, account, part, lot.id);
    remainder := remainder - part;
    lot_ids := lot_ids || lot.id;
  END LOOP;
  IF remainder > 0 THEN RAISE EXCEPTION 'insufficient points'; END IF;
END $$;

CREATE FUNCTION put_order(
  order_id text, wanted_member text, hash text, placed timestamptz, expires timestamptz, body jsonb,
  rules text[], rule_points bigint[], redeems bigint,
  OUT available bigint, OUT held bigint, OUT known_hash text
) LANGUAGE plpgsql AS $$
DECLARE
  earns bigint := (SELECT coalesce(sum(one), 0) FROM unnest(rule_points) AS one);
BEGIN
  UPDATE members SET available = members.available + earns - redeems WHERE id = wanted_member
  RETURNING members.available, members.held INTO available, held;
  IF NOT FOUND THEN RAISE EXCEPTION 'member unknown'; END IF;
  INSERT INTO orders VALUES (order_id, wanted_member, hash, placed, body, earns, redeems, available, held)
  ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN
    UPDATE members SET available = members.available - earns + redeems WHERE id = wanted_member;
    SELECT available_after, held_after, body_hash INTO available, held, known_hash FROM orders WHERE id = order_id;
    RETURN;
  END IF;
  IF redeems > 0 THEN PERFORM take_lots(wanted_member, redeems, order_id, 'redeemed'); END IF;
  WITH opened AS (
    INSERT INTO lots (member_id, rule, points, remaining, expires_at)
    SELECT wanted_member, rule, points, points, expires FROM unnest(rules, rule_points) AS given(rule, points)
    RETURNING id, points
  )
  INSERT INTO entries (member_id, reference, account, points, lot_id)
  SELECT wanted_member, order_id, account, sign * points, id
  FROM opened, (VALUES ('issued', -1), ('available', 1)) AS sides(account, sign);
  known_hash := hash;
END $$;

CREATE FUNCTION place_hold(
  request_key text, wanted_member text, hash text, wanted bigint, ttl_seconds integer,
  OUT available bigint, OUT held bigint, OUT hold bigint, OUT lapses timestamptz, OUT known_hash text
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM members WHERE id = wanted_member FOR UPDATE;
  SELECT body_hash, hold_id, available_after, held_after INTO known_hash, hold, available, held
  FROM requests WHERE key = request_key;
  IF FOUND THEN RETURN; END IF;
  lapses := now() + make_interval(secs => ttl_seconds);
  INSERT INTO holds (member_id, points, state, lapses_at, lot_ids)
  VALUES (wanted_member, wanted, 'held', lapses, take_lots(wanted_member, wanted, request_key, 'held'))
  RETURNING id INTO hold;
  UPDATE members SET available = members.available - wanted, held = members.held + wanted WHERE id = wanted_member
  RETURNING members.available, members.held INTO available, held;
  INSERT INTO requests VALUES (request_key, hash, hold, available, held);
  known_hash := hash;
END $$;

CREATE FUNCTION capture_hold(
  request_key text, wanted_member text, hash text, wanted_hold bigint,
  OUT available bigint, OUT held bigint, OUT captured bigint, OUT known_hash text
) LANGUAGE plpgsql AS $$
DECLARE
  hold_state text;
BEGIN
  PERFORM FROM members WHERE id = wanted_member FOR UPDATE;
  SELECT body_hash, available_after, held_after INTO known_hash, available, held FROM requests WHERE key = request_key;
  IF FOUND THEN RETURN; END IF;
  SELECT state, points INTO hold_state, captured FROM holds WHERE id = wanted_hold AND member_id = wanted_member;
  IF hold_state IS DISTINCT FROM 'held' THEN RAISE EXCEPTION 'hold is not open'; END IF;
  UPDATE holds SET state = 'captured' WHERE id = wanted_hold;
  INSERT INTO entries (member_id, reference, account, points)
  VALUES (wanted_member, request_key, 'held', -captured), (wanted_member, request_key, 'redeemed', captured);
  UPDATE members SET held = members.held - captured WHERE id = wanted_member
  RETURNING members.available, members.held INTO available, held;
  INSERT INTO requests VALUES (request_key, hash, wanted_hold, available, held);
  known_hash := hash;
END $$;
