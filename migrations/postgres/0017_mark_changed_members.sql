-- What segmentation works from: marks of changed members, orders by member and time, and one worker a tenant at a time.
GRANT SELECT, INSERT, UPDATE, DELETE ON member_changes, member_figures, member_scores, score_history, insight_models,
  order_expectations, insight_states, insight_runs, product_margins, repurchase_cycles, repurchases, affinity_rules,
  store_scorecards, profile_completeness, insight_events, message_history, member_search_terms, insight_exports,
  segments, segment_versions, segment_members, segment_flips, member_lists, auto_tags, label_pushes TO regulars_app;
--> statement-breakpoint
ALTER TABLE member_changes FORCE ROW LEVEL SECURITY;
ALTER TABLE member_figures FORCE ROW LEVEL SECURITY;
ALTER TABLE member_scores FORCE ROW LEVEL SECURITY;
ALTER TABLE score_history FORCE ROW LEVEL SECURITY;
ALTER TABLE insight_models FORCE ROW LEVEL SECURITY;
ALTER TABLE order_expectations FORCE ROW LEVEL SECURITY;
ALTER TABLE insight_states FORCE ROW LEVEL SECURITY;
ALTER TABLE insight_runs FORCE ROW LEVEL SECURITY;
ALTER TABLE product_margins FORCE ROW LEVEL SECURITY;
ALTER TABLE repurchase_cycles FORCE ROW LEVEL SECURITY;
ALTER TABLE repurchases FORCE ROW LEVEL SECURITY;
ALTER TABLE affinity_rules FORCE ROW LEVEL SECURITY;
ALTER TABLE store_scorecards FORCE ROW LEVEL SECURITY;
ALTER TABLE profile_completeness FORCE ROW LEVEL SECURITY;
ALTER TABLE insight_events FORCE ROW LEVEL SECURITY;
ALTER TABLE message_history FORCE ROW LEVEL SECURITY;
ALTER TABLE member_search_terms FORCE ROW LEVEL SECURITY;
ALTER TABLE insight_exports FORCE ROW LEVEL SECURITY;
ALTER TABLE segments FORCE ROW LEVEL SECURITY;
ALTER TABLE segment_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE segment_members FORCE ROW LEVEL SECURITY;
ALTER TABLE segment_flips FORCE ROW LEVEL SECURITY;
ALTER TABLE member_lists FORCE ROW LEVEL SECURITY;
ALTER TABLE auto_tags FORCE ROW LEVEL SECURITY;
ALTER TABLE label_pushes FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Marks whoever a statement has changed. Rows are only added: whoever takes marks away never makes the projector wait.
CREATE FUNCTION mark_changed_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO member_changes (tenant_id, member_id) SELECT DISTINCT tenant_id, member_id FROM changed;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- The row of a member changes with every event of theirs, and with what is told of the person.
CREATE TRIGGER mark_added AFTER INSERT ON members REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_members();
CREATE TRIGGER mark_updated AFTER UPDATE ON members REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_members();
CREATE TRIGGER mark_added AFTER INSERT ON message_history REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_members();
CREATE TRIGGER mark_updated AFTER UPDATE ON message_history REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_members();
CREATE TRIGGER mark_added AFTER INSERT ON member_lists REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_members();
CREATE TRIGGER mark_removed AFTER DELETE ON member_lists REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_changed_members();
--> statement-breakpoint
-- Members who were here before are looked at by the first sweep of their tenant, so nobody is marked now.
-- Orders that count, one after the other for each member: figures read this alone, without a row of the table.
CREATE INDEX orders_by_member ON orders (tenant_id, member_id, placed_at) INCLUDE (payable, refunded)
  WHERE state = 'paid' AND undone IS NULL;
--> statement-breakpoint
-- Ranges of time: orders arrive about in the order in which they are placed.
CREATE INDEX orders_by_time ON orders USING brin (placed_at) WITH (pages_per_range = 32);
--> statement-breakpoint
-- Rows that are written again in place.
ALTER TABLE member_figures SET (fillfactor = 85);
ALTER TABLE member_scores SET (fillfactor = 85);
ALTER TABLE segment_flips SET (fillfactor = 85);
ALTER TABLE label_pushes SET (fillfactor = 85);
--> statement-breakpoint
-- Keeps a lease on the tenant's work for so many seconds more, or ends the transaction: its statements have no effect then.
CREATE FUNCTION keep_lease(token text, seconds integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE insight_states SET lease_until = clock_timestamp() + make_interval(secs => seconds)
  WHERE tenant_id = current_setting('app.tenant_id') AND lease_token = token AND lease_until > clock_timestamp();
  IF NOT FOUND THEN RAISE EXCEPTION 'lease_lost' USING ERRCODE = '55P03'; END IF;
END
$$;
--> statement-breakpoint
-- The members that a transaction is about, as it has set them: `app.touched` is a JSON list of ids. Not in plain SQL, which would be
-- put in the place of the call, and then PostgreSQL would guess at a handful of members where there are thousands.
CREATE FUNCTION touched_members() RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 5000 AS $$
BEGIN
  RETURN QUERY SELECT jsonb_array_elements_text(current_setting('app.touched')::jsonb);
END
$$;
