DROP INDEX "member_scores_by_flip";--> statement-breakpoint
CREATE INDEX "members_apart" ON "members" USING btree ("tenant_id","member_id") WHERE not is_person;