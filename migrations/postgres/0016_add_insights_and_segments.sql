CREATE TABLE "insight_events" (
	"tenant_id" text NOT NULL,
	"event_id" text NOT NULL,
	"kind" text NOT NULL,
	"member_id" text NOT NULL,
	"facts" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "insight_events_tenant_id_event_id_pk" PRIMARY KEY("tenant_id","event_id")
);
--> statement-breakpoint
ALTER TABLE "insight_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "insight_exports" (
	"tenant_id" text NOT NULL,
	"export_id" text NOT NULL,
	"dataset" text NOT NULL,
	"format" text NOT NULL,
	"request_hash" text NOT NULL,
	"request" jsonb NOT NULL,
	"state" text NOT NULL,
	"rows_done" bigint NOT NULL,
	"rows_total" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "insight_exports_tenant_id_export_id_pk" PRIMARY KEY("tenant_id","export_id")
);
--> statement-breakpoint
ALTER TABLE "insight_exports" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "insight_models" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"fitted_on" date NOT NULL,
	"fitted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "insight_models_tenant_id_kind_version_pk" PRIMARY KEY("tenant_id","kind","version")
);
--> statement-breakpoint
ALTER TABLE "insight_models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "insight_runs" (
	"tenant_id" text NOT NULL,
	"run_id" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"as_of" date NOT NULL,
	"members_changed" integer DEFAULT 0 NOT NULL,
	"members_scored" integer DEFAULT 0 NOT NULL,
	"segments_entered" integer DEFAULT 0 NOT NULL,
	"segments_left" integer DEFAULT 0 NOT NULL,
	"error" text,
	CONSTRAINT "insight_runs_tenant_id_run_id_pk" PRIMARY KEY("tenant_id","run_id")
);
--> statement-breakpoint
ALTER TABLE "insight_runs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "insight_states" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"settings" jsonb,
	"lease_token" text,
	"lease_until" timestamp (3) with time zone,
	"sweep" jsonb,
	"day_done" date,
	"night_done" date,
	"night" jsonb,
	"last_run_at" timestamp (3) with time zone,
	"last_error" text
);
--> statement-breakpoint
ALTER TABLE "insight_states" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_changes" (
	"tenant_id" text NOT NULL,
	"change_id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "member_changes_change_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"member_id" text NOT NULL,
	CONSTRAINT "member_changes_tenant_id_change_id_pk" PRIMARY KEY("tenant_id","change_id")
);
--> statement-breakpoint
ALTER TABLE "member_changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_figures" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"figured_on" date NOT NULL,
	"orders" integer NOT NULL,
	"order_days" integer NOT NULL,
	"spend" bigint NOT NULL,
	"first_day_spend" bigint NOT NULL,
	"first_day" date NOT NULL,
	"last_day" date NOT NULL,
	"gap_logs" double precision NOT NULL,
	"since_return" integer,
	"engagement" double precision NOT NULL,
	"profit" bigint,
	CONSTRAINT "member_figures_tenant_id_member_id_pk" PRIMARY KEY("tenant_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "member_figures" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_scores" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"recency" smallint NOT NULL,
	"frequency" smallint NOT NULL,
	"monetary" smallint NOT NULL,
	"engagement" smallint NOT NULL,
	"rfm_segment" text NOT NULL,
	"rfm_group" text NOT NULL,
	"stage" text NOT NULL,
	"label" char(1) NOT NULL,
	"band" text NOT NULL,
	"profit_group" text,
	"has_potential" boolean NOT NULL,
	"churn_risk" boolean NOT NULL,
	"since" date NOT NULL,
	"scored_on" date NOT NULL,
	"cycle_days" double precision NOT NULL,
	"next_order_on" date NOT NULL,
	"churn_from" date NOT NULL,
	"alive" double precision,
	"expected_orders" double precision,
	"expected_spend" double precision,
	"lifetime_value" double precision,
	"flips_on" date,
	CONSTRAINT "member_scores_tenant_id_member_id_pk" PRIMARY KEY("tenant_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "member_scores" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_search_terms" (
	"tenant_id" text NOT NULL,
	"term" text NOT NULL,
	"member_id" text NOT NULL,
	CONSTRAINT "member_search_terms_tenant_id_term_member_id_pk" PRIMARY KEY("tenant_id","term","member_id")
);
--> statement-breakpoint
ALTER TABLE "member_search_terms" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "message_history" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"message_id" text NOT NULL,
	"channel" text NOT NULL,
	"campaign_id" text,
	"sent_at" timestamp (3) with time zone NOT NULL,
	"opened_at" timestamp (3) with time zone,
	"clicked_at" timestamp (3) with time zone,
	CONSTRAINT "message_history_tenant_id_member_id_message_id_pk" PRIMARY KEY("tenant_id","member_id","message_id")
);
--> statement-breakpoint
ALTER TABLE "message_history" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "order_expectations" (
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"frequency" integer NOT NULL,
	"age_weeks" integer NOT NULL,
	"orders" double precision NOT NULL,
	"discounted" double precision NOT NULL,
	CONSTRAINT "order_expectations_tenant_id_version_frequency_age_weeks_pk" PRIMARY KEY("tenant_id","version","frequency","age_weeks")
);
--> statement-breakpoint
ALTER TABLE "order_expectations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "profile_completeness" (
	"tenant_id" text NOT NULL,
	"segment_id" text NOT NULL,
	"field" text NOT NULL,
	"members" integer NOT NULL,
	"filled" integer NOT NULL,
	"counted_on" date NOT NULL,
	CONSTRAINT "profile_completeness_tenant_id_segment_id_field_pk" PRIMARY KEY("tenant_id","segment_id","field")
);
--> statement-breakpoint
ALTER TABLE "profile_completeness" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "score_history" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"since" date NOT NULL,
	"until" date NOT NULL,
	"recency" smallint NOT NULL,
	"frequency" smallint NOT NULL,
	"monetary" smallint NOT NULL,
	"engagement" smallint NOT NULL,
	"rfm_segment" text NOT NULL,
	"rfm_group" text NOT NULL,
	"stage" text NOT NULL,
	"label" char(1) NOT NULL,
	"band" text NOT NULL,
	"profit_group" text,
	"has_potential" boolean NOT NULL,
	"churn_risk" boolean NOT NULL,
	"alive" double precision,
	"lifetime_value" double precision,
	CONSTRAINT "score_history_tenant_id_member_id_since_pk" PRIMARY KEY("tenant_id","member_id","since")
);
--> statement-breakpoint
ALTER TABLE "score_history" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auto_tags" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"tag" text NOT NULL,
	"segment_id" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "auto_tags_tenant_id_member_id_tag_segment_id_pk" PRIMARY KEY("tenant_id","member_id","tag","segment_id")
);
--> statement-breakpoint
ALTER TABLE "auto_tags" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "label_pushes" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"wanted" bigint NOT NULL,
	"told" bigint NOT NULL,
	"tags" text[] NOT NULL,
	"segments" text[] NOT NULL,
	"facts" jsonb,
	"error" text,
	CONSTRAINT "label_pushes_tenant_id_member_id_pk" PRIMARY KEY("tenant_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "label_pushes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_lists" (
	"tenant_id" text NOT NULL,
	"list_id" text NOT NULL,
	"member_id" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "member_lists_tenant_id_list_id_member_id_pk" PRIMARY KEY("tenant_id","list_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "member_lists" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "segment_flips" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"flips_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "segment_flips_tenant_id_member_id_pk" PRIMARY KEY("tenant_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "segment_flips" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "segment_members" (
	"tenant_id" text NOT NULL,
	"segment_id" text NOT NULL,
	"member_id" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone,
	"version" integer NOT NULL,
	CONSTRAINT "segment_members_tenant_id_member_id_segment_id_since_pk" PRIMARY KEY("tenant_id","member_id","segment_id","since")
);
--> statement-breakpoint
ALTER TABLE "segment_members" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "segment_versions" (
	"tenant_id" text NOT NULL,
	"segment_id" text NOT NULL,
	"version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"saved_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "segment_versions_tenant_id_segment_id_version_pk" PRIMARY KEY("tenant_id","segment_id","version")
);
--> statement-breakpoint
ALTER TABLE "segment_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "segments" (
	"tenant_id" text NOT NULL,
	"segment_id" text NOT NULL,
	"version" integer NOT NULL,
	"name" text NOT NULL,
	"definition" jsonb NOT NULL,
	"at_checkout" boolean NOT NULL,
	"auto_tag" jsonb,
	"state" text NOT NULL,
	"built_version" integer,
	"built_at" timestamp (3) with time zone,
	"build_milliseconds" integer,
	"error" text,
	"members" integer DEFAULT 0 NOT NULL,
	"breaker_percent" integer,
	"released_version" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "segments_tenant_id_segment_id_pk" PRIMARY KEY("tenant_id","segment_id")
);
--> statement-breakpoint
ALTER TABLE "segments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "affinity_rules" (
	"tenant_id" text NOT NULL,
	"segment_id" text NOT NULL,
	"place" integer NOT NULL,
	"antecedent" text[] NOT NULL,
	"consequent" text NOT NULL,
	"baskets" integer NOT NULL,
	"count" integer NOT NULL,
	"confidence" double precision NOT NULL,
	"lift" double precision NOT NULL,
	"leverage" double precision NOT NULL,
	"conviction" double precision,
	"built_on" date NOT NULL,
	CONSTRAINT "affinity_rules_tenant_id_segment_id_place_pk" PRIMARY KEY("tenant_id","segment_id","place")
);
--> statement-breakpoint
ALTER TABLE "affinity_rules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "product_margins" (
	"tenant_id" text NOT NULL,
	"sku" text NOT NULL,
	"margin_milli" integer NOT NULL,
	CONSTRAINT "product_margins_tenant_id_sku_pk" PRIMARY KEY("tenant_id","sku")
);
--> statement-breakpoint
ALTER TABLE "product_margins" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "repurchase_cycles" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"median_days" double precision NOT NULL,
	"within_variance" double precision NOT NULL,
	"credibility_gaps" double precision NOT NULL,
	"members" integer NOT NULL,
	"gaps" integer NOT NULL,
	"fitted_on" date NOT NULL,
	CONSTRAINT "repurchase_cycles_tenant_id_kind_ref_pk" PRIMARY KEY("tenant_id","kind","ref")
);
--> statement-breakpoint
ALTER TABLE "repurchase_cycles" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "repurchases" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"last_day" date NOT NULL,
	"quantity" integer NOT NULL,
	"gaps" integer NOT NULL,
	"cycle_days" double precision NOT NULL,
	"due_on" date NOT NULL,
	"window_from" date NOT NULL,
	"window_until" date NOT NULL,
	"churn_from" date NOT NULL,
	"announced_for" date,
	CONSTRAINT "repurchases_tenant_id_member_id_kind_ref_pk" PRIMARY KEY("tenant_id","member_id","kind","ref")
);
--> statement-breakpoint
ALTER TABLE "repurchases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "store_scorecards" (
	"tenant_id" text NOT NULL,
	"store_id" text NOT NULL,
	"day" date NOT NULL,
	"days" smallint NOT NULL,
	"orders" integer NOT NULL,
	"buyers" integer NOT NULL,
	"revenue" bigint NOT NULL,
	"enrolled" integer NOT NULL,
	"enrolment_rate" double precision,
	"repeat_rate" double precision,
	"redemption_rate" double precision,
	"average_order" double precision,
	"rating" double precision,
	"ratings" integer NOT NULL,
	"score" double precision,
	"rank" integer,
	"ranked" integer NOT NULL,
	"score_before" double precision,
	CONSTRAINT "store_scorecards_tenant_id_day_store_id_pk" PRIMARY KEY("tenant_id","day","store_id")
);
--> statement-breakpoint
ALTER TABLE "store_scorecards" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "members" ADD COLUMN "is_person" boolean GENERATED ALWAYS AS (enrolled_at is not null and erased_at is null and (source is null or not starts_with(source, 'account:'))) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "insight_events_waiting" ON "insight_events" USING btree ("tenant_id","sent_at","at");--> statement-breakpoint
CREATE INDEX "insight_runs_by_time" ON "insight_runs" USING btree ("tenant_id","started_at");--> statement-breakpoint
CREATE INDEX "member_scores_by_flip" ON "member_scores" USING btree ("flips_on","tenant_id");--> statement-breakpoint
CREATE INDEX "auto_tags_by_end" ON "auto_tags" USING btree ("expires_at","tenant_id");--> statement-breakpoint
CREATE INDEX "label_pushes_waiting" ON "label_pushes" USING btree ("tenant_id","member_id") WHERE wanted > told;--> statement-breakpoint
CREATE INDEX "segment_flips_by_time" ON "segment_flips" USING btree ("flips_at","tenant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "segment_members_now" ON "segment_members" USING btree ("tenant_id","segment_id","member_id") WHERE until is null;--> statement-breakpoint
CREATE INDEX "segment_members_past" ON "segment_members" USING btree ("tenant_id","segment_id","until") WHERE until is not null;--> statement-breakpoint
CREATE INDEX "repurchases_by_due" ON "repurchases" USING btree ("tenant_id","due_on") WHERE announced_for is distinct from last_day;--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "insight_events" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "insight_exports" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "insight_models" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "insight_runs" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "insight_states" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_changes" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_figures" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_scores" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_search_terms" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "message_history" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "order_expectations" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "profile_completeness" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "score_history" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "auto_tags" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "label_pushes" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_lists" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "segment_flips" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "segment_members" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "segment_versions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "segments" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "affinity_rules" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "product_margins" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "repurchase_cycles" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "repurchases" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "store_scorecards" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));