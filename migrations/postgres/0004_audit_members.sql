-- What the reconciler reads of members: figures to compare with their objects, and tables that contradict their events.

-- Names every table whose rows of the member are not those that follow from its events.
CREATE FUNCTION contradicting_tables(wanted text, stored member_events[]) RETURNS text[] LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  moved entries[];
BEGIN
  SELECT coalesce(array_agg(x), '{}') INTO moved FROM entries_of(stored) AS x;
  RETURN ARRAY(
    SELECT 'members' WHERE NOT EXISTS (
      SELECT FROM members WHERE tenant_id = tenant AND member_id = wanted AND events = cardinality(stored)
        AND epoch = coalesce((SELECT max(e.epoch) FROM unnest(stored) AS e), 0)
        AND last_sequence = coalesce((SELECT max(e.sequence) FROM unnest(stored) AS e), 0)
        AND last_at IS NOT DISTINCT FROM (SELECT max(e.at) FROM unnest(stored) AS e)
    )
    UNION ALL SELECT 'transactions' WHERE EXISTS (
      (SELECT * FROM transactions_of(stored)
        EXCEPT SELECT * FROM transactions WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM transactions WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM transactions_of(stored))
    )
    UNION ALL SELECT 'entries' WHERE EXISTS (
      (SELECT * FROM unnest(moved)
        EXCEPT SELECT * FROM entries WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM entries WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM unnest(moved))
    )
    UNION ALL SELECT 'balances' WHERE EXISTS (
      (SELECT * FROM balances_of(moved)
        EXCEPT SELECT * FROM balances WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM balances WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM balances_of(moved))
    )
    UNION ALL SELECT 'lots' WHERE EXISTS (
      (SELECT * FROM lots_of(stored, moved)
        EXCEPT SELECT * FROM lots WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM lots WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM lots_of(stored, moved))
    )
    UNION ALL SELECT 'orders' WHERE EXISTS (
      (SELECT * FROM orders_of(stored)
        EXCEPT SELECT * FROM orders WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM orders WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM orders_of(stored))
    )
    UNION ALL SELECT 'order_lines' WHERE EXISTS (
      (SELECT * FROM order_lines_of(stored)
        EXCEPT SELECT * FROM order_lines WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM order_lines WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM order_lines_of(stored))
    )
    UNION ALL SELECT 'refunds' WHERE EXISTS (
      (SELECT * FROM refunds_of(stored)
        EXCEPT SELECT * FROM refunds WHERE tenant_id = tenant AND member_id = wanted)
      UNION ALL
      (SELECT * FROM refunds WHERE tenant_id = tenant AND member_id = wanted
        EXCEPT SELECT * FROM refunds_of(stored))
    )
    UNION ALL SELECT 'alerts' WHERE EXISTS (
      SELECT tenant_id, alert_id, kind, member_id, facts, raised_at FROM alerts_of(stored)
      EXCEPT
      SELECT tenant_id, alert_id, kind, member_id, facts, raised_at FROM alerts WHERE tenant_id = tenant
    )
  );
END
$$;
--> statement-breakpoint
-- A JSON document for each of the members, in order of id. Times are Unix milliseconds, as in events.
CREATE FUNCTION audit_members(wanted text[]) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  m members;
  stored member_events[];
  moved entries[];
BEGIN
  FOR m IN SELECT * FROM members WHERE tenant_id = tenant AND member_id = ANY (wanted) ORDER BY member_id LOOP
    SELECT coalesce(array_agg(e ORDER BY e.sequence), '{}') INTO stored
    FROM member_events AS e
    WHERE e.tenant_id = tenant AND e.member_id = m.member_id
      AND e.epoch = (SELECT max(epoch) FROM member_events WHERE tenant_id = tenant AND member_id = m.member_id);
    SELECT coalesce(array_agg(x), '{}') INTO moved
    FROM entries AS x WHERE x.tenant_id = tenant AND x.member_id = m.member_id;
    RETURN NEXT jsonb_build_object(
      'memberId', m.member_id,
      'epoch', coalesce((SELECT max(e.epoch) FROM unnest(stored) AS e), 0),
      'events', cardinality(stored),
      'lastSequence', coalesce((SELECT max(e.sequence) FROM unnest(stored) AS e), 0),
      'firstMissing', (
        SELECT min(numbered.place)
        FROM (SELECT e.sequence, row_number() OVER (ORDER BY e.sequence) AS place FROM unnest(stored) AS e) AS numbered
        WHERE numbered.sequence <> numbered.place),
      'balances', (
        SELECT coalesce(jsonb_agg(to_jsonb(b) - 'tenant_id' - 'member_id'), '[]')
        FROM balances AS b WHERE b.tenant_id = tenant AND b.member_id = m.member_id),
      'entrySums', (
        SELECT coalesce(jsonb_agg(to_jsonb(b) - 'tenant_id' - 'member_id'), '[]') FROM balances_of(moved) AS b),
      'member', CASE WHEN m.profile IS NOT NULL THEN jsonb_build_object(
        'profile', m.profile, 'consent', m.consent, 'homeStoreId', m.home_store_id, 'source', m.source,
        'enrolledAt', round(extract(epoch FROM m.enrolled_at) * 1000),
        'identities', (
          SELECT coalesce(jsonb_agg(jsonb_build_object('type', i.type, 'value', i.value)), '[]')
          FROM identities AS i WHERE i.tenant_id = tenant AND i.member_id = m.member_id)) END,
      'strayIdentities', (
        SELECT count(*) FROM identities AS i
        WHERE i.tenant_id = tenant AND i.member_id = m.member_id AND m.profile IS NULL),
      'contradicting', to_jsonb(contradicting_tables(m.member_id, stored))
    );
  END LOOP;
END
$$;
--> statement-breakpoint
-- Forgets a member's events and all that followed from them, for the object to publish everything again.
CREATE FUNCTION forget_events(wanted text) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
BEGIN
  PERFORM FROM members WHERE tenant_id = tenant AND member_id = wanted FOR UPDATE;
  DELETE FROM member_events WHERE tenant_id = tenant AND member_id = wanted;
  PERFORM rebuild_member(wanted);
END
$$;
