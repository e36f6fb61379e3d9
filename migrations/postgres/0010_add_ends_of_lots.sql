ALTER TABLE "lots" ADD COLUMN "inactivity_days" integer;--> statement-breakpoint
ALTER TABLE "lots" ADD COLUMN "told_sequence" bigint;