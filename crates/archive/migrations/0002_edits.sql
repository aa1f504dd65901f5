-- What readers do to images: drawings, key-image marks, view states. Every change is a row; the last row of an item counts. A row
-- without a body takes the item away. `image` is the hash of the file it was done on, so that other bytes under the same UID are seen.
CREATE TABLE edit (
    edit    INTEGER PRIMARY KEY,
    patient INTEGER NOT NULL REFERENCES patient (patient),
    study   TEXT NOT NULL,
    kind    INTEGER NOT NULL,
    item    TEXT NOT NULL,
    body    TEXT,
    image   BLOB,
    who     TEXT NOT NULL,
    at_us   INTEGER NOT NULL
) STRICT;
CREATE INDEX edit_by_item ON edit (patient, kind, item, edit);
