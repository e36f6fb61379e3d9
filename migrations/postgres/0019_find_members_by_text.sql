-- Finds members by any part of what they are called. Row-level security lets only leakproof comparisons use an index, so every
-- text that a member can be found by is a row of its own, and a search is a range of rows in the order of bytes.

ALTER TABLE member_search_terms ALTER COLUMN term TYPE text COLLATE "C";
--> statement-breakpoint
-- Compatible and small letters, one space between words: the console does the very same to what is searched for.
CREATE FUNCTION search_text(told text, longest integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT btrim(left(btrim(regexp_replace(
    translate(lower(normalize(told, NFKC) COLLATE pg_unicode_fast), 'ς', 'σ') COLLATE "C",
    '[\t\n\u000b\f\r \u1680\u2028\u2029\ufeff]+', ' ', 'g')), longest))
$$;
--> statement-breakpoint
-- A text from its beginning (capital kind), and from every later letter (small kind).
CREATE FUNCTION part_terms(beginning text, inside text, told text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10 AS $$
  SELECT beginning || t.whole FROM (SELECT search_text(told, 60) AS whole) AS t WHERE t.whole <> ''
  UNION ALL
  SELECT inside || substr(t.whole, place) FROM (SELECT search_text(told, 60) AS whole) AS t,
    generate_series(2, length(t.whole)) AS place
  WHERE substr(t.whole, place, 1) <> ' '
$$;
--> statement-breakpoint
-- The digits of a phone backwards, so that the last ones come first.
CREATE FUNCTION phone_terms(kind text, told text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT kind || reverse(right(t.digits, 20))
  FROM (SELECT regexp_replace(search_text(told, 60), '[^0-9]', '', 'g') AS digits) AS t WHERE length(t.digits) >= 3
$$;
--> statement-breakpoint
CREATE FUNCTION email_terms(whole text, host text, told text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2 AS $$
  SELECT whole || t.email FROM (SELECT search_text(told, 200) AS email) AS t WHERE t.email <> ''
  UNION ALL
  SELECT host || split_part(t.email, '@', 2) FROM (SELECT search_text(told, 200) AS email) AS t
  WHERE split_part(t.email, '@', 2) <> ''
$$;
--> statement-breakpoint
-- What a profile lets its member be found by: N n name, C c company, P phone, E H email and its host.
CREATE FUNCTION profile_terms(profile jsonb) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10 AS $$
  SELECT part_terms('N:', 'n:', profile ->> 'name') WHERE profile ? 'name'
  UNION SELECT part_terms('C:', 'c:', profile ->> 'company') WHERE profile ? 'company'
  UNION SELECT phone_terms('P:', profile ->> 'phone') WHERE profile ? 'phone'
  UNION SELECT email_terms('E:', 'H:', profile ->> 'email') WHERE profile ? 'email'
$$;
--> statement-breakpoint
-- What an identity lets its member be found by: p phone, e h email and its host, d a card from its beginning, D from its end.
CREATE FUNCTION identity_terms(type text, value text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2 AS $$
  SELECT phone_terms('p:', value) WHERE type = 'phone'
  UNION ALL SELECT email_terms('e:', 'h:', value) WHERE type = 'email'
  UNION ALL SELECT 'd:' || search_text(value, 200) WHERE type = 'card'
  UNION ALL SELECT 'D:' || reverse(search_text(value, 200)) WHERE type = 'card'
$$;
--> statement-breakpoint
CREATE FUNCTION learn_profiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO member_search_terms (tenant_id, term, member_id)
  SELECT a.tenant_id, term, a.member_id FROM added AS a, profile_terms(a.profile) AS term
  WHERE a.profile IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- Most updates of members are of their counters: those cost one comparison here.
CREATE FUNCTION follow_profiles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone member_search_terms;
BEGIN
  PERFORM FROM before AS b JOIN after AS a USING (tenant_id, member_id) WHERE b.profile IS DISTINCT FROM a.profile;
  IF NOT FOUND THEN RETURN NULL; END IF;
  -- One by one, so that each is found by its key: a plan for all at once may read the whole table.
  FOR gone IN
    SELECT b.tenant_id, term, b.member_id
    FROM before AS b JOIN after AS a USING (tenant_id, member_id), profile_terms(b.profile) AS term
    WHERE b.profile IS DISTINCT FROM a.profile AND b.profile IS NOT NULL
    EXCEPT
    SELECT a.tenant_id, term, a.member_id
    FROM before AS b JOIN after AS a USING (tenant_id, member_id), profile_terms(a.profile) AS term
    WHERE b.profile IS DISTINCT FROM a.profile AND a.profile IS NOT NULL
  LOOP
    DELETE FROM member_search_terms AS t
    WHERE t.tenant_id = gone.tenant_id AND t.term = gone.term AND t.member_id = gone.member_id;
  END LOOP;
  INSERT INTO member_search_terms (tenant_id, term, member_id)
  SELECT a.tenant_id, term, a.member_id
  FROM before AS b JOIN after AS a USING (tenant_id, member_id), profile_terms(a.profile) AS term
  WHERE b.profile IS DISTINCT FROM a.profile AND a.profile IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION learn_identities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO member_search_terms (tenant_id, term, member_id)
  SELECT DISTINCT a.tenant_id, term, a.member_id FROM added AS a, identity_terms(a.type, a.value) AS term
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- Another identity of the member may have the same term: two emails of one host.
CREATE FUNCTION forget_identities() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone member_search_terms;
BEGIN
  FOR gone IN
    SELECT DISTINCT r.tenant_id, term, r.member_id FROM removed AS r, identity_terms(r.type, r.value) AS term
  LOOP
    DELETE FROM member_search_terms AS t
    WHERE t.tenant_id = gone.tenant_id AND t.term = gone.term AND t.member_id = gone.member_id
      AND NOT EXISTS (
        SELECT FROM identities AS i, identity_terms(i.type, i.value) AS kept
        WHERE i.tenant_id = gone.tenant_id AND i.member_id = gone.member_id AND kept = gone.term
      );
  END LOOP;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER search_added AFTER INSERT ON members REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION learn_profiles();
CREATE TRIGGER search_updated AFTER UPDATE ON members REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION follow_profiles();
CREATE TRIGGER search_added AFTER INSERT ON identities REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION learn_identities();
CREATE TRIGGER search_removed AFTER DELETE ON identities REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION forget_identities();
--> statement-breakpoint
-- As before, but an identity that stays is left alone, and with it what it is found by.
CREATE OR REPLACE FUNCTION put_documents(arriving jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  tenant text := current_setting('app.tenant_id');
  changed text[];
  listed identities[];
BEGIN
  WITH latest AS (
    SELECT DISTINCT ON (d."memberId") d."memberId" AS member_id, d.epoch, d.sequence, d.member,
      to_timestamp(d.at / 1000) AS at
    FROM jsonb_to_recordset(arriving) AS d
      ("memberId" text, epoch integer, sequence bigint, at double precision, member jsonb)
    ORDER BY d."memberId", d.epoch DESC, d.sequence DESC
  ), updated AS (
    UPDATE members AS m SET
      document_epoch = d.epoch,
      document_sequence = d.sequence,
      profile = d.member -> 'profile',
      consent = d.member -> 'consent',
      home_store_id = d.member ->> 'homeStoreId',
      source = d.member ->> 'source',
      enrolled_at = to_timestamp((d.member -> 'enrolledAt')::double precision / 1000),
      erased_at = CASE WHEN d.member IS NULL THEN d.at END
    FROM latest AS d
    WHERE m.tenant_id = tenant AND m.member_id = d.member_id
      AND (m.document_epoch, m.document_sequence) <= (d.epoch, d.sequence)
    RETURNING m.member_id
  )
  SELECT array_agg(member_id) INTO changed FROM updated;
  IF changed IS NULL THEN RETURN; END IF;
  SELECT coalesce(array_agg(DISTINCT (tenant, d."memberId", i.type, i.value)::identities), '{}') INTO listed
  FROM (
    SELECT DISTINCT ON (d."memberId") d."memberId", d.member
    FROM jsonb_to_recordset(arriving) AS d ("memberId" text, epoch integer, sequence bigint, member jsonb)
    WHERE d."memberId" = ANY (changed)
    ORDER BY d."memberId", d.epoch DESC, d.sequence DESC
  ) AS d, jsonb_to_recordset(d.member -> 'identities') AS i (type text, value text);
  DELETE FROM identities AS i
  WHERE i.tenant_id = tenant AND i.member_id = ANY (changed) AND NOT EXISTS (
    SELECT FROM unnest(listed) AS l WHERE l.member_id = i.member_id AND l.type = i.type AND l.value = i.value
  );
  INSERT INTO identities SELECT * FROM unnest(listed) ON CONFLICT DO NOTHING;
END
$$;
--> statement-breakpoint
-- Members who were here before.
INSERT INTO member_search_terms (tenant_id, term, member_id)
SELECT m.tenant_id, term, m.member_id FROM members AS m, profile_terms(m.profile) AS term WHERE m.profile IS NOT NULL
UNION
SELECT i.tenant_id, term, i.member_id FROM identities AS i, identity_terms(i.type, i.value) AS term
ON CONFLICT DO NOTHING;
