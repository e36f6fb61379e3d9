-- What follows from events, said once: the projector adds it batch by batch, and the auditor compares with the whole.
CREATE FUNCTION transactions_of(stored member_events[]) RETURNS SETOF transactions LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, e.member_id, e.sequence, (t.place - 1)::smallint, e.at, t.document ->> 'kind', t.document ->> 'rule',
    coalesce(e.body #>> '{order,orderId}', e.body #>> '{hold,orderId}'),
    coalesce(e.body #>> '{order,storeId}', e.body #>> '{adjustment,storeId}')
  FROM unnest(stored) AS e, jsonb_array_elements(e.body -> 'transactions') WITH ORDINALITY AS t (document, place)
$$;
--> statement-breakpoint
CREATE FUNCTION entries_of(stored member_events[]) RETURNS SETOF entries LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, e.member_id, e.sequence, (t.place - 1)::smallint, (x.place - 1)::smallint,
    x.document ->> 'account', x.document ->> 'currency', (x.document -> 'points')::bigint, x.document ->> 'lot'
  FROM unnest(stored) AS e,
    jsonb_array_elements(e.body -> 'transactions') WITH ORDINALITY AS t (document, place),
    jsonb_array_elements(t.document -> 'entries') WITH ORDINALITY AS x (document, place)
$$;
--> statement-breakpoint
CREATE FUNCTION balances_of(moved entries[]) RETURNS SETOF balances LANGUAGE sql STABLE AS $$
  SELECT x.tenant_id, x.member_id, x.currency,
    coalesce(sum(x.points) FILTER (WHERE x.account = 'available'), 0)::bigint,
    coalesce(sum(x.points) FILTER (WHERE x.account = 'pending'), 0)::bigint,
    coalesce(sum(x.points) FILTER (WHERE x.account = 'held'), 0)::bigint
  FROM unnest(moved) AS x
  WHERE x.account IN ('available', 'pending', 'held')
  GROUP BY x.tenant_id, x.member_id, x.currency
$$;
--> statement-breakpoint
CREATE FUNCTION lots_of(stored member_events[], moved entries[]) RETURNS SETOF lots LANGUAGE sql STABLE AS $$
  SELECT part.tenant_id, part.member_id, part.lot_id, max(part.currency),
    sum(part.available)::bigint, sum(part.pending)::bigint, sum(part.held)::bigint,
    max(part.points), max(part.store_id), max(part.rule), max(part.available_at), max(part.expires_at)
  FROM (
    SELECT x.tenant_id, x.member_id, x.lot AS lot_id, x.currency,
      CASE x.account WHEN 'available' THEN x.points ELSE 0 END AS available,
      CASE x.account WHEN 'pending' THEN x.points ELSE 0 END AS pending,
      CASE x.account WHEN 'held' THEN x.points ELSE 0 END AS held,
      NULL::bigint AS points, NULL AS store_id, NULL AS rule,
      NULL::timestamptz AS available_at, NULL::timestamptz AS expires_at
    FROM unnest(moved) AS x
    WHERE x.lot IS NOT NULL AND x.account IN ('available', 'pending', 'held')
    UNION ALL
    SELECT e.tenant_id, e.member_id, l.document ->> 'id', l.document ->> 'currency', 0, 0, 0,
      (l.document -> 'points')::bigint, l.document ->> 'storeId', l.document ->> 'rule',
      to_timestamp((l.document ->> 'availableAt')::double precision / 1000),
      to_timestamp((l.document ->> 'expiresAt')::double precision / 1000)
    FROM unnest(stored) AS e, jsonb_array_elements(e.body -> 'lots') AS l (document)
  ) AS part
  GROUP BY part.tenant_id, part.member_id, part.lot_id
$$;
--> statement-breakpoint
-- The latest of the given events tells each order.
CREATE FUNCTION orders_of(stored member_events[]) RETURNS SETOF orders LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, o.document ->> 'orderId')
    e.tenant_id, e.member_id, o.document ->> 'orderId', e.sequence, o.document ->> 'state', o.document ->> 'storeId',
    o.document ->> 'regionId', o.document ->> 'ownerId', o.document ->> 'currency', o.document ->> 'channel',
    to_timestamp((o.document -> 'placedAt')::double precision / 1000), (o.document -> 'programVersion')::integer,
    (o.document -> 'gross')::bigint, (o.document -> 'net')::bigint, (o.document -> 'payable')::bigint,
    (o.document -> 'refunded')::bigint, o.document ->> 'undone'
  FROM unnest(stored) AS e, LATERAL (SELECT e.body -> 'order') AS o (document)
  WHERE o.document IS NOT NULL
  ORDER BY e.member_id, o.document ->> 'orderId', e.sequence DESC
$$;
--> statement-breakpoint
CREATE FUNCTION order_lines_of(stored member_events[]) RETURNS SETOF order_lines LANGUAGE sql STABLE AS $$
  SELECT latest.tenant_id, latest.member_id, latest.document ->> 'orderId', l.line ->> 'lineId', l.line ->> 'sku',
    l.line ->> 'category', (l.line -> 'quantity')::integer,
    coalesce((latest.document -> 'returned' -> (l.line ->> 'lineId'))::integer, 0),
    (l.line -> 'unitPrice')::bigint, (l.line -> 'discount')::bigint
  FROM (
    SELECT DISTINCT ON (e.member_id, o.document ->> 'orderId') e.tenant_id, e.member_id, o.document
    FROM unnest(stored) AS e, LATERAL (SELECT e.body -> 'order') AS o (document)
    WHERE o.document IS NOT NULL
    ORDER BY e.member_id, o.document ->> 'orderId', e.sequence DESC
  ) AS latest, jsonb_array_elements(latest.document -> 'lines') AS l (line)
$$;
--> statement-breakpoint
CREATE FUNCTION refunds_of(stored member_events[]) RETURNS SETOF refunds LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, e.member_id, e.body #>> '{order,orderId}', e.body #>> '{refund,refundId}', e.sequence, e.at,
    (e.body #> '{refund,amount}')::bigint, e.body #> '{refund,lines}', e.body #> '{refund,reversed}',
    e.body #> '{refund,restored}'
  FROM unnest(stored) AS e
  WHERE e.kind = 'order.refunded'
$$;
--> statement-breakpoint
CREATE FUNCTION alerts_of(stored member_events[]) RETURNS SETOF alerts LANGUAGE sql STABLE AS $$
  SELECT e.tenant_id, concat_ws(':', 'order_undone', e.member_id, e.epoch, e.sequence), 'order_undone', e.member_id,
    jsonb_build_object('orderId', e.body #> '{order,orderId}', 'storeId', e.body #> '{order,storeId}',
      'reason', e.body #> '{order,undone}'),
    e.at, NULL::timestamptz
  FROM unnest(stored) AS e
  WHERE e.kind = 'order.undone'
$$;
