-- What a worker read of an instance's header, in the form of one version of the reader. It is made anew from the instance's bytes where it is
-- missing or of another version.
CREATE TABLE header (
    instance INTEGER PRIMARY KEY REFERENCES instance (instance),
    reader   TEXT NOT NULL,
    body     BLOB NOT NULL
) STRICT;
