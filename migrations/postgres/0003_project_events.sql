-- Writes events and what follows from them, exactly once whatever arrives in whatever order.

-- Adds what follows from events that were not there before. The members' rows are locked by the caller.
CREATE FUNCTION derive_events(stored member_events[]) RETURNS void LANGUAGE plpgsql AS $$
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
      undone = excluded.undone
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
-- Derives everything of one member again from its events of its newest epoch.
CREATE FUNCTION rebuild_member(wanted text) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
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
-- Puts the member's document of the latest event: `[{memberId, epoch, sequence, at, member}]`; a null member was erased.
CREATE FUNCTION put_documents(arriving jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  changed text[];
BEGIN
  WITH latest AS (
    SELECT DISTINCT ON (d."memberId") d."memberId" AS member_id, d.epoch, d.sequence, d.member,
      to_timestamp(d.at / 1000) AS at
    FROM jsonb_to_recordset(arriving) AS d
      ("memberId" text, epoch integer, sequence bigint, at double precision, member jsonb)
    ORDER BY d."memberId", d.epoch DESC, d.sequence DESC
  ), updated AS (
    UPDATE members AS m SET
      document_epoch = d.epoch,
      document_sequence = d.sequence,
      profile = d.member -> 'profile',
      consent = d.member -> 'consent',
      home_store_id = d.member ->> 'homeStoreId',
      source = d.member ->> 'source',
      enrolled_at = to_timestamp((d.member -> 'enrolledAt')::double precision / 1000),
      erased_at = CASE WHEN d.member IS NULL THEN d.at END
    FROM latest AS d
    WHERE m.tenant_id = tenant AND m.member_id = d.member_id
      AND (m.document_epoch, m.document_sequence) <= (d.epoch, d.sequence)
    RETURNING m.member_id
  )
  SELECT array_agg(member_id) INTO changed FROM updated;
  DELETE FROM identities WHERE tenant_id = tenant AND member_id = ANY (changed);
  INSERT INTO identities
  SELECT DISTINCT tenant, d."memberId", i.type, i.value
  FROM (
    SELECT DISTINCT ON (d."memberId") d."memberId", d.member
    FROM jsonb_to_recordset(arriving) AS d ("memberId" text, epoch integer, sequence bigint, member jsonb)
    WHERE d."memberId" = ANY (changed)
    ORDER BY d."memberId", d.epoch DESC, d.sequence DESC
  ) AS d, jsonb_to_recordset(d.member -> 'identities') AS i (type text, value text);
END
$$;
--> statement-breakpoint
-- Stores a batch of one tenant's events, one JSON document a line, `{memberId, epoch, sequence, at, testTime, key, body}`,
-- and derives from those that are new. Returns `[[memberId, epoch, sequence]]` of those that were there already.
CREATE FUNCTION project_events(arriving text, documents jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  fresh member_events[];
  newest integer;
  restored text[];
BEGIN
  -- Sorted, like everything locked here, so that two batches never wait for each other.
  WITH inserted AS (
    INSERT INTO member_events AS stored (tenant_id, member_id, epoch, sequence, at, kind, test_time, key, body)
    SELECT tenant, e."memberId", e.epoch, e.sequence, to_timestamp(e.at / 1000), e.body ->> 'kind', e."testTime",
      e.key, e.body
    FROM string_to_table(arriving, E'\n') AS line, jsonb_to_record(line::jsonb) AS e
      ("memberId" text, epoch integer, sequence bigint, at double precision, "testTime" boolean, key text, body jsonb)
    ORDER BY e."memberId", e.epoch, e.sequence
    ON CONFLICT DO NOTHING
    RETURNING stored
  )
  SELECT coalesce(array_agg(stored), '{}') INTO fresh FROM inserted;

  WITH upserted AS (
    INSERT INTO members AS m (tenant_id, member_id, epoch, events, last_sequence, last_at)
    SELECT tenant, e.member_id, e.epoch, count(*), max(e.sequence), max(e.at)
    FROM (
      SELECT f.member_id, f.epoch, f.sequence, f.at, max(f.epoch) OVER (PARTITION BY f.member_id) AS newest
      FROM unnest(fresh) AS f
    ) AS e
    WHERE e.epoch = e.newest
    GROUP BY e.member_id, e.epoch
    ORDER BY e.member_id
    ON CONFLICT (tenant_id, member_id) DO UPDATE SET
      epoch = greatest(m.epoch, excluded.epoch),
      events = m.events + CASE WHEN m.epoch = excluded.epoch THEN excluded.events ELSE 0 END,
      last_sequence = CASE WHEN m.epoch = excluded.epoch THEN greatest(m.last_sequence, excluded.last_sequence)
        ELSE m.last_sequence END,
      last_at = CASE WHEN m.epoch = excluded.epoch THEN greatest(m.last_at, excluded.last_at) ELSE m.last_at END
    RETURNING new.member_id, new.epoch, old.epoch AS epoch_before
  )
  SELECT max(epoch), coalesce(array_agg(member_id) FILTER (WHERE epoch_before < epoch), '{}')
  INTO newest, restored FROM upserted;

  IF newest > 1 OR cardinality(restored) > 0 THEN
    PERFORM derive_events(coalesce(array_agg(e), '{}'))
    FROM unnest(fresh) AS e JOIN members AS m ON m.tenant_id = e.tenant_id AND m.member_id = e.member_id
    WHERE m.epoch = e.epoch AND m.member_id <> ALL (restored);
    PERFORM rebuild_member(member_id) FROM unnest(restored) AS member_id;
  ELSE
    PERFORM derive_events(fresh);
  END IF;
  IF jsonb_array_length(documents) > 0 THEN PERFORM put_documents(documents); END IF;

  IF cardinality(fresh) = regexp_count(arriving, E'\n') + 1 THEN RETURN '[]'; END IF;
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_array(r.member_id, r.epoch, r.sequence)), '[]')
    FROM (
      SELECT e."memberId" AS member_id, e.epoch, e.sequence
      FROM string_to_table(arriving, E'\n') AS line,
        jsonb_to_record(line::jsonb) AS e ("memberId" text, epoch integer, sequence bigint)
      EXCEPT
      SELECT f.member_id, f.epoch, f.sequence FROM unnest(fresh) AS f
    ) AS r
  );
END
$$;
