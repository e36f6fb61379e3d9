-- What other objects must hear of this one: written with the event that demands it, deleted once it was answered.
CREATE TABLE duty (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  lane TEXT,
  ask TEXT NOT NULL,
  at INTEGER NOT NULL,
  test_time INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL
) STRICT;
