CREATE TABLE "network_members" (
	"tenant_id" text NOT NULL,
	"network_id" text NOT NULL,
	"joined_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "network_members_tenant_id_network_id_pk" PRIMARY KEY("tenant_id","network_id")
);
--> statement-breakpoint
ALTER TABLE "network_members" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "network_members" ADD CONSTRAINT "network_members_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("tenant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "own_tenant_only" ON "network_members" AS PERMISSIVE FOR ALL TO public USING (tenant_id = current_setting('app.tenant_id', true)) WITH CHECK (tenant_id = current_setting('app.tenant_id', true));
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON network_members TO regulars_app;
--> statement-breakpoint
ALTER TABLE network_members FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Statements of partners read the few orders with a code, by when they were placed.
CREATE INDEX member_events_of_partners ON member_events (tenant_id, ((body #> '{order,placedAt}')::bigint))
  WHERE body #>> '{order,partner}' IS NOT NULL;
