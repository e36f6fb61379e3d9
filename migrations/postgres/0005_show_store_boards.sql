-- What a store's board shows of the local day of an instant: figures of the orders placed on it.
CREATE FUNCTION board_figures(store text, instant timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH today AS (
    SELECT t.tenant_id, to_char(instant AT TIME ZONE t.time_zone, 'YYYY-MM-DD') AS day,
      date_trunc('day', instant AT TIME ZONE t.time_zone) AT TIME ZONE t.time_zone AS begins,
      (date_trunc('day', instant AT TIME ZONE t.time_zone) + interval '1 day') AT TIME ZONE t.time_zone AS ends
    FROM tenants AS t
  ), placed AS (
    SELECT o.* FROM orders AS o JOIN today USING (tenant_id)
    WHERE o.store_id = store AND o.placed_at >= today.begins AND o.placed_at < today.ends
  ), moved AS (
    SELECT x.currency,
      -sum(x.points) FILTER (WHERE x.account = 'issued') AS given,
      sum(x.points) FILTER (WHERE x.account = 'redeemed') AS spent
    FROM placed AS o
    JOIN transactions AS t USING (tenant_id, member_id, order_id)
    JOIN entries AS x ON x.tenant_id = t.tenant_id AND x.member_id = t.member_id AND x.sequence = t.sequence
      AND x.position = t.position
    WHERE x.account IN ('issued', 'redeemed')
    GROUP BY x.currency
  )
  SELECT jsonb_build_object(
    'day', today.day,
    'orders', (SELECT count(*) FROM placed AS o WHERE o.state = 'paid'),
    'sales', (SELECT coalesce(sum(o.net), 0) FROM placed AS o WHERE o.state = 'paid'),
    'given', (SELECT coalesce(jsonb_object_agg(m.currency, m.given) FILTER (WHERE m.given IS NOT NULL), '{}') FROM moved AS m),
    'spent', (SELECT coalesce(jsonb_object_agg(m.currency, m.spent) FILTER (WHERE m.spent IS NOT NULL), '{}') FROM moved AS m)
  )
  FROM today
$$;
