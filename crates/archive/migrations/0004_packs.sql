-- The facts of a person with a long record, once more in one piece and in the order in which they are read. Made from the rows, taken away by
-- the transaction that adds to them, and never the only copy.
CREATE TABLE pack (
    patient INTEGER PRIMARY KEY REFERENCES patient (patient),
    format  INTEGER NOT NULL,
    body    BLOB NOT NULL
) STRICT;
