-- The latest of the given events tells each order. `OFFSET 0` keeps the document apart, so that it is taken out of the event
-- once and not for each column: a batch takes a fifth of the time.
CREATE OR REPLACE FUNCTION orders_of(stored member_events[]) RETURNS SETOF orders LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.member_id, o.document ->> 'orderId')
    e.tenant_id, e.member_id, o.document ->> 'orderId', e.sequence, o.document ->> 'state', o.document ->> 'storeId',
    o.document ->> 'regionId', o.document ->> 'ownerId', o.document ->> 'currency', o.document ->> 'channel',
    to_timestamp((o.document -> 'placedAt')::double precision / 1000), (o.document -> 'programVersion')::integer,
    (o.document -> 'gross')::bigint, (o.document -> 'net')::bigint, (o.document -> 'payable')::bigint,
    (o.document -> 'refunded')::bigint, o.document ->> 'undone',
    CASE WHEN o.document ? 'vouchers' THEN coalesce((
      SELECT sum((l -> 'vouchered')::bigint) FROM jsonb_array_elements(o.document -> 'lines') AS l), 0)::bigint ELSE 0 END,
    coalesce((o.document -> 'late')::boolean, false), o.document ->> 'partner'
  FROM unnest(stored) AS e, LATERAL (SELECT e.body -> 'order' OFFSET 0) AS o (document)
  WHERE o.document IS NOT NULL
  ORDER BY e.member_id, o.document ->> 'orderId', e.sequence DESC
$$;
