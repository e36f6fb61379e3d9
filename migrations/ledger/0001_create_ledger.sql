-- The MemberLedger's own tables: events are the truth, everything else is kept to find or to wake up quickly.
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  key TEXT,
  request_hash TEXT,
  subject TEXT,
  at INTEGER NOT NULL,
  test_time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_by_key ON event (key) WHERE key IS NOT NULL;
CREATE INDEX event_by_subject ON event (subject, sequence) WHERE subject IS NOT NULL;
CREATE TABLE refusal (
  key TEXT PRIMARY KEY,
  request_hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
  part INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE fact (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
