CREATE TABLE "alerts" (
	"tenant_id" text NOT NULL,
	"alert_id" text NOT NULL,
	"kind" text NOT NULL,
	"member_id" text,
	"facts" jsonb NOT NULL,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	CONSTRAINT "alerts_tenant_id_alert_id_pk" PRIMARY KEY("tenant_id","alert_id")
);
--> statement-breakpoint
ALTER TABLE "alerts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"tenant_id" text NOT NULL,
	"message_id" text NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" integer NOT NULL,
	"reason" text NOT NULL,
	"body" text NOT NULL,
	"redriven_at" timestamp (3) with time zone,
	CONSTRAINT "dead_letters_tenant_id_message_id_pk" PRIMARY KEY("tenant_id","message_id")
);
--> statement-breakpoint
ALTER TABLE "dead_letters" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "balances" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"currency" text NOT NULL,
	"available" bigint NOT NULL,
	"pending" bigint NOT NULL,
	"held" bigint NOT NULL,
	CONSTRAINT "balances_tenant_id_member_id_currency_pk" PRIMARY KEY("tenant_id","member_id","currency")
);
--> statement-breakpoint
ALTER TABLE "balances" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "entries" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"position" smallint NOT NULL,
	"line" smallint NOT NULL,
	"account" text NOT NULL,
	"currency" text NOT NULL,
	"points" bigint NOT NULL,
	"lot" text,
	CONSTRAINT "entries_tenant_id_member_id_sequence_position_line_pk" PRIMARY KEY("tenant_id","member_id","sequence","position","line")
);
--> statement-breakpoint
ALTER TABLE "entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "lots" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"lot_id" text NOT NULL,
	"currency" text NOT NULL,
	"available" bigint NOT NULL,
	"pending" bigint NOT NULL,
	"held" bigint NOT NULL,
	"points" bigint,
	"store_id" text,
	"rule" text,
	"available_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "lots_tenant_id_member_id_lot_id_pk" PRIMARY KEY("tenant_id","member_id","lot_id")
);
--> statement-breakpoint
ALTER TABLE "lots" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "member_events" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"test_time" boolean NOT NULL,
	"key" text,
	"body" jsonb NOT NULL,
	CONSTRAINT "member_events_tenant_id_member_id_epoch_sequence_pk" PRIMARY KEY("tenant_id","member_id","epoch","sequence")
);
--> statement-breakpoint
ALTER TABLE "member_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "transactions" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"position" smallint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"rule" text,
	"order_id" text,
	"store_id" text,
	CONSTRAINT "transactions_tenant_id_member_id_sequence_position_pk" PRIMARY KEY("tenant_id","member_id","sequence","position")
);
--> statement-breakpoint
ALTER TABLE "transactions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "identities" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"type" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "identities_tenant_id_member_id_type_value_pk" PRIMARY KEY("tenant_id","member_id","type","value")
);
--> statement-breakpoint
ALTER TABLE "identities" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "members" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"events" bigint NOT NULL,
	"last_sequence" bigint NOT NULL,
	"last_at" timestamp (3) with time zone,
	"document_epoch" integer DEFAULT 0 NOT NULL,
	"document_sequence" bigint DEFAULT 0 NOT NULL,
	"profile" jsonb,
	"consent" jsonb,
	"home_store_id" text,
	"source" text,
	"enrolled_at" timestamp (3) with time zone,
	"erased_at" timestamp (3) with time zone,
	CONSTRAINT "members_tenant_id_member_id_pk" PRIMARY KEY("tenant_id","member_id")
);
--> statement-breakpoint
ALTER TABLE "members" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "order_lines" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"order_id" text NOT NULL,
	"line_id" text NOT NULL,
	"sku" text NOT NULL,
	"category" text,
	"quantity" integer NOT NULL,
	"returned" integer NOT NULL,
	"unit_price" bigint NOT NULL,
	"discount" bigint NOT NULL,
	CONSTRAINT "order_lines_tenant_id_member_id_order_id_line_id_pk" PRIMARY KEY("tenant_id","member_id","order_id","line_id")
);
--> statement-breakpoint
ALTER TABLE "order_lines" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "orders" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"order_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"state" text NOT NULL,
	"store_id" text NOT NULL,
	"region_id" text NOT NULL,
	"owner_id" text NOT NULL,
	"currency" text NOT NULL,
	"channel" text,
	"placed_at" timestamp (3) with time zone NOT NULL,
	"program_version" integer NOT NULL,
	"gross" bigint NOT NULL,
	"net" bigint NOT NULL,
	"payable" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"undone" text,
	CONSTRAINT "orders_tenant_id_member_id_order_id_pk" PRIMARY KEY("tenant_id","member_id","order_id")
);
--> statement-breakpoint
ALTER TABLE "orders" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "refunds" (
	"tenant_id" text NOT NULL,
	"member_id" text NOT NULL,
	"order_id" text NOT NULL,
	"refund_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"amount" bigint NOT NULL,
	"lines" jsonb NOT NULL,
	"reversed" jsonb NOT NULL,
	"restored" jsonb NOT NULL,
	CONSTRAINT "refunds_tenant_id_member_id_order_id_refund_id_pk" PRIMARY KEY("tenant_id","member_id","order_id","refund_id")
);
--> statement-breakpoint
ALTER TABLE "refunds" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "api_keys" (
	"tenant_id" text NOT NULL,
	"key_id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"store_ids" text[],
	"requests_per_minute" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "owners" (
	"tenant_id" text NOT NULL,
	"owner_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "owners_tenant_id_owner_id_pk" PRIMARY KEY("tenant_id","owner_id")
);
--> statement-breakpoint
ALTER TABLE "owners" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "programs" (
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"effective_from" timestamp (3) with time zone NOT NULL,
	"published_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "programs_tenant_id_version_pk" PRIMARY KEY("tenant_id","version")
);
--> statement-breakpoint
ALTER TABLE "programs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "regions" (
	"tenant_id" text NOT NULL,
	"region_id" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "regions_tenant_id_region_id_pk" PRIMARY KEY("tenant_id","region_id")
);
--> statement-breakpoint
ALTER TABLE "regions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stores" (
	"tenant_id" text NOT NULL,
	"store_id" text NOT NULL,
	"name" text NOT NULL,
	"region_id" text NOT NULL,
	"owner_id" text NOT NULL,
	"location_hint" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stores_tenant_id_store_id_pk" PRIMARY KEY("tenant_id","store_id")
);
--> statement-breakpoint
ALTER TABLE "stores" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenants" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"sandbox" boolean NOT NULL,
	"time_zone" text NOT NULL,
	"phone_region" text NOT NULL,
	"currency" text NOT NULL,
	"locale" text NOT NULL,
	"jurisdiction" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tenants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "owners" ADD CONSTRAINT "owners_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "regions" ADD CONSTRAINT "regions_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_region" FOREIGN KEY ("tenant_id","region_id") REFERENCES "public"."regions"("tenant_id","region_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_owner" FOREIGN KEY ("tenant_id","owner_id") REFERENCES "public"."owners"("tenant_id","owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dead_letters_waiting" ON "dead_letters" USING btree ("tenant_id","redriven_at","received_at");--> statement-breakpoint
CREATE INDEX "identities_by_value" ON "identities" USING btree ("tenant_id","type","value");--> statement-breakpoint
CREATE INDEX "orders_by_store" ON "orders" USING btree ("tenant_id","store_id","placed_at");--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "alerts" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "dead_letters" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "balances" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "entries" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "lots" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "member_events" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "transactions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "identities" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "members" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "order_lines" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "orders" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "refunds" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "api_keys" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "the_key_asked_for" ON "api_keys" AS PERMISSIVE FOR SELECT TO public USING (key_id = current_setting('app.key_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "owners" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "programs" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "regions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "stores" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "tenants" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));