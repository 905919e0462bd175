-- Places that hold a copy of a ring's keys: the whole record sealed, credentials included.
CREATE TABLE targets (
    ring   TEXT NOT NULL,
    name   TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (ring, name)
) STRICT;
