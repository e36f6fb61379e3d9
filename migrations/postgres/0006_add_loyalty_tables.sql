CREATE TABLE "activities" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"store_id" text,
	"points" jsonb NOT NULL,
	CONSTRAINT "activities_tenant_id_member_id_sequence_pk" PRIMARY KEY("tenant_id","member_id","sequence")
);
--> statement-breakpoint
ALTER TABLE "activities" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_labels" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"name" text NOT NULL,
	"sequence" bigint NOT NULL,
	"value" jsonb,
	CONSTRAINT "member_labels_tenant_id_member_id_name_pk" PRIMARY KEY("tenant_id","member_id","name")
);
--> statement-breakpoint
ALTER TABLE "member_labels" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_tiers" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"tier" text,
	"since" timestamp (3) with time zone,
	"until" timestamp (3) with time zone,
	"fixed" boolean NOT NULL,
	CONSTRAINT "member_tiers_tenant_id_member_id_pk" PRIMARY KEY("tenant_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "member_tiers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "order_grants" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"order_id" text NOT NULL,
	"position" smallint NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"voucher_id" text,
	"points" jsonb NOT NULL,
	"undone" boolean NOT NULL,
	CONSTRAINT "order_grants_tenant_id_member_id_order_id_position_pk" PRIMARY KEY("tenant_id","member_id","order_id","position")
);
--> statement-breakpoint
ALTER TABLE "order_grants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "order_vouchers" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"order_id" text NOT NULL,
	"position" smallint NOT NULL,
	"voucher_id" text NOT NULL,
	"reward_id" text NOT NULL,
	"benefit" text NOT NULL,
	"campaign" text,
	"value" bigint NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "order_vouchers_tenant_id_member_id_order_id_position_pk" PRIMARY KEY("tenant_id","member_id","order_id","position")
);
--> statement-breakpoint
ALTER TABLE "order_vouchers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "referrals" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"referee_id" text NOT NULL,
	"currency" text NOT NULL,
	"points" bigint NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "referrals_tenant_id_member_id_referral_id_pk" PRIMARY KEY("tenant_id","member_id","referral_id")
);
--> statement-breakpoint
ALTER TABLE "referrals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tier_history" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"cause" text,
	"tier" text,
	"since" timestamp (3) with time zone,
	"until" timestamp (3) with time zone,
	"fixed" boolean NOT NULL,
	"order_id" text,
	CONSTRAINT "tier_history_tenant_id_member_id_sequence_pk" PRIMARY KEY("tenant_id","member_id","sequence")
);
--> statement-breakpoint
ALTER TABLE "tier_history" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "transfers" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"transfer_id" text NOT NULL,
	"currency" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"purpose" text NOT NULL,
	"from_id" text NOT NULL,
	"to_id" text NOT NULL,
	"points" bigint NOT NULL,
	"vouchers" integer NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "transfers_tenant_id_member_id_transfer_id_currency_pk" PRIMARY KEY("tenant_id","member_id","transfer_id","currency")
);
--> statement-breakpoint
ALTER TABLE "transfers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "vouchers" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"voucher_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"reward_id" text NOT NULL,
	"program_version" integer NOT NULL,
	"state" text NOT NULL,
	"origin_kind" text NOT NULL,
	"origin_ref" text NOT NULL,
	"borne_by" text NOT NULL,
	"issuer_owner_id" text,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"order_id" text,
	"value" bigint,
	CONSTRAINT "vouchers_tenant_id_member_id_voucher_id_pk" PRIMARY KEY("tenant_id","member_id","voucher_id")
);
--> statement-breakpoint
ALTER TABLE "vouchers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadow_days" (
	"tenant_id" text NOT NULL,
	"shadow_id" text NOT NULL,
	"day" date NOT NULL,
	"orders" integer NOT NULL,
	"differing" integer NOT NULL,
	CONSTRAINT "shadow_days_tenant_id_shadow_id_day_pk" PRIMARY KEY("tenant_id","shadow_id","day")
);
--> statement-breakpoint
ALTER TABLE "shadow_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadow_differences" (
	"tenant_id" text NOT NULL,
	"shadow_id" text NOT NULL,
	"day" date NOT NULL,
	"rule" text NOT NULL,
	"currency" text NOT NULL,
	"points_now" bigint NOT NULL,
	"points_candidate" bigint NOT NULL,
	"differing" integer NOT NULL,
	CONSTRAINT "shadow_differences_tenant_id_shadow_id_day_rule_currency_pk" PRIMARY KEY("tenant_id","shadow_id","day","rule","currency")
);
--> statement-breakpoint
ALTER TABLE "shadow_differences" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadow_examples" (
	"tenant_id" text NOT NULL,
	"shadow_id" text NOT NULL,
	"day" date NOT NULL,
	"member_id" text NOT NULL,
	"order_id" text NOT NULL,
	"now" jsonb NOT NULL,
	"candidate" jsonb NOT NULL,
	CONSTRAINT "shadow_examples_tenant_id_shadow_id_day_member_id_order_id_pk" PRIMARY KEY("tenant_id","shadow_id","day","member_id","order_id")
);
--> statement-breakpoint
ALTER TABLE "shadow_examples" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadows" (
	"tenant_id" text NOT NULL,
	"shadow_id" text NOT NULL,
	"document" jsonb NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "shadows_tenant_id_shadow_id_pk" PRIMARY KEY("tenant_id","shadow_id")
);
--> statement-breakpoint
ALTER TABLE "shadows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "simulations" (
	"tenant_id" text NOT NULL,
	"simulation_id" text NOT NULL,
	"request_hash" text NOT NULL,
	"document" jsonb NOT NULL,
	"from_at" timestamp (3) with time zone NOT NULL,
	"to_at" timestamp (3) with time zone NOT NULL,
	"sample" double precision NOT NULL,
	"state" text NOT NULL,
	"orders_done" bigint NOT NULL,
	"orders_total" bigint NOT NULL,
	"result" jsonb,
	"error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "simulations_tenant_id_simulation_id_pk" PRIMARY KEY("tenant_id","simulation_id")
);
--> statement-breakpoint
ALTER TABLE "simulations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "vouchered" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "late" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "partner" text;--> statement-breakpoint
CREATE INDEX "order_vouchers_by_campaign" ON "order_vouchers" USING btree ("tenant_id","campaign");--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "activities" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_labels" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_tiers" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "order_grants" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "order_vouchers" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "referrals" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "tier_history" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "transfers" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "vouchers" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "shadow_days" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "shadow_differences" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "shadow_examples" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "shadows" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "simulations" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));