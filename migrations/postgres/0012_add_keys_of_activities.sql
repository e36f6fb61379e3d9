ALTER TABLE "activities" DROP CONSTRAINT "activities_tenant_id_member_id_sequence_pk";--> statement-breakpoint
ALTER TABLE "activities" ADD CONSTRAINT "activities_tenant_id_member_id_type_key_pk" PRIMARY KEY("tenant_id","member_id","type","key");--> statement-breakpoint
ALTER TABLE "activities" ADD COLUMN "grants" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "activities" ADD COLUMN "reversed_at" timestamp (3) with time zone;