CREATE TABLE "clearing_lines" (
	"tenant_id" text NOT NULL,
	"period" text NOT NULL,
	"times" smallint NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"position" smallint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"order_id" text,
	"store_id" text,
	"debtor" text NOT NULL,
	"creditor" text NOT NULL,
	"currency" text NOT NULL,
	"points" bigint NOT NULL,
	"amount_milli" bigint NOT NULL,
	"money" text NOT NULL,
	"lot" text,
	"voucher_id" text,
	"reason" text NOT NULL,
	"issuer_store_id" text,
	CONSTRAINT "clearing_lines_tenant_id_period_member_id_sequence_position_times_pk" PRIMARY KEY("tenant_id","period","member_id","sequence","position","times")
);
--> statement-breakpoint
ALTER TABLE "clearing_lines" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "clearing_nets" (
	"tenant_id" text NOT NULL,
	"period" text NOT NULL,
	"owner_a" text NOT NULL,
	"owner_b" text NOT NULL,
	"money" text NOT NULL,
	"opening_milli" bigint NOT NULL,
	"change_milli" bigint NOT NULL,
	"settled" bigint NOT NULL,
	"closing_milli" bigint NOT NULL,
	"lines" integer NOT NULL,
	CONSTRAINT "clearing_nets_tenant_id_period_owner_a_owner_b_money_pk" PRIMARY KEY("tenant_id","period","owner_a","owner_b","money")
);
--> statement-breakpoint
ALTER TABLE "clearing_nets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "clearing_periods" (
	"tenant_id" text NOT NULL,
	"period" text NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"locked_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "clearing_periods_tenant_id_period_pk" PRIMARY KEY("tenant_id","period")
);
--> statement-breakpoint
ALTER TABLE "clearing_periods" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "dues" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"position" smallint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"order_id" text,
	"store_id" text,
	"debtor" text NOT NULL,
	"creditor" text NOT NULL,
	"currency" text NOT NULL,
	"points" bigint NOT NULL,
	"amount_milli" bigint NOT NULL,
	"money" text NOT NULL,
	"lot" text,
	"voucher_id" text,
	"reason" text NOT NULL,
	"issuer_store_id" text,
	CONSTRAINT "dues_tenant_id_member_id_sequence_position_pk" PRIMARY KEY("tenant_id","member_id","sequence","position")
);
--> statement-breakpoint
ALTER TABLE "dues" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "lots" ADD COLUMN "owner_id" text;--> statement-breakpoint
ALTER TABLE "lots" ADD COLUMN "unit_cost_milli" bigint;--> statement-breakpoint
ALTER TABLE "lots" ADD COLUMN "issued_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "lots" ADD COLUMN "issued_by" text;--> statement-breakpoint
CREATE INDEX "dues_by_time" ON "dues" USING btree ("tenant_id","at");--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "clearing_lines" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "clearing_nets" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "clearing_periods" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "dues" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));