-- Times are INTEGER microseconds since 1970-01-01 UTC. STRICT, WITHOUT ROWID and FTS5 are SQLite's and stay in this folder; the
-- statements of the program use none of them, so a second folder can serve PostgreSQL.

-- One imported file that holds a record: its bytes are in the blob store. An image file is not a document but an instance.
CREATE TABLE document (
    document    INTEGER PRIMARY KEY,
    hash        BLOB NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    bytes       INTEGER NOT NULL,
    blob        BLOB,
    received_us INTEGER NOT NULL,
    counts      TEXT NOT NULL
) STRICT;

CREATE TABLE patient (
    patient    INTEGER PRIMARY KEY,
    identity   TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    opened_us  INTEGER
) STRICT;

-- The same key is the same person, and nothing else joins two records.
CREATE TABLE identifier (
    issuer  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    patient INTEGER NOT NULL REFERENCES patient (patient),
    PRIMARY KEY (issuer, kind, value)
) STRICT, WITHOUT ROWID;

-- Versions of data, appended and never changed, clustered in the order in which a timeline reads them.
CREATE TABLE fact (
    patient      INTEGER NOT NULL REFERENCES patient (patient),
    kind         INTEGER NOT NULL,
    placed_us    INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    available_us INTEGER NOT NULL,
    received_us  INTEGER NOT NULL,
    document     INTEGER NOT NULL REFERENCES document (document),
    id           BLOB NOT NULL,
    content      BLOB NOT NULL,
    path         TEXT NOT NULL,
    span_start   INTEGER,
    span_end     INTEGER,
    body         TEXT NOT NULL,
    PRIMARY KEY (patient, kind, placed_us, seq, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX fact_by_id ON fact (patient, id, version);

-- How many data of each kind a patient has: counting the fact table each time would read all of it.
CREATE TABLE patient_kind (
    patient  INTEGER NOT NULL REFERENCES patient (patient),
    kind     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    first_us INTEGER NOT NULL,
    last_us  INTEGER NOT NULL,
    PRIMARY KEY (patient, kind)
) STRICT, WITHOUT ROWID;

-- Text of notes and reports, one row a version, with its full-text index.
CREATE TABLE note (
    note         INTEGER PRIMARY KEY,
    patient      INTEGER NOT NULL REFERENCES patient (patient),
    kind         INTEGER NOT NULL,
    placed_us    INTEGER NOT NULL,
    available_us INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    id           BLOB NOT NULL,
    body         TEXT NOT NULL
) STRICT;
CREATE INDEX note_by_patient ON note (patient, seq, version);
CREATE VIRTUAL TABLE note_fts USING fts5 (body, content = 'note', content_rowid = 'note', tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER note_inserted AFTER INSERT ON note BEGIN
    INSERT INTO note_fts (rowid, body) VALUES (new.note, new.body);
END;
CREATE TRIGGER note_deleted AFTER DELETE ON note BEGIN
    INSERT INTO note_fts (note_fts, rowid, body) VALUES ('delete', old.note, old.body);
END;
CREATE TRIGGER note_changed AFTER UPDATE ON note BEGIN
    INSERT INTO note_fts (note_fts, rowid, body) VALUES ('delete', old.note, old.body);
    INSERT INTO note_fts (rowid, body) VALUES (new.note, new.body);
END;

-- DICOM instances. Variant 0 is the first that came with its SOP Instance UID; other bytes under the same UID are kept apart as 1, 2 …
CREATE TABLE instance (
    instance      INTEGER PRIMARY KEY,
    sop_instance  TEXT NOT NULL,
    variant       INTEGER NOT NULL,
    patient       INTEGER NOT NULL REFERENCES patient (patient),
    study         TEXT NOT NULL,
    series        TEXT NOT NULL,
    blob          BLOB NOT NULL,
    document_hash BLOB NOT NULL,
    received_us   INTEGER NOT NULL,
    record        TEXT NOT NULL,
    UNIQUE (sop_instance, variant)
) STRICT;
CREATE INDEX instance_by_patient ON instance (patient, study, series);
CREATE INDEX instance_by_series ON instance (series);
CREATE INDEX instance_by_blob ON instance (blob);

-- Every link and unlink; the last event of a pair counts. a < b.
CREATE TABLE link_event (
    link_event INTEGER PRIMARY KEY,
    a          INTEGER NOT NULL REFERENCES patient (patient),
    b          INTEGER NOT NULL REFERENCES patient (patient),
    linked     INTEGER NOT NULL,
    who        TEXT NOT NULL,
    reason     TEXT NOT NULL,
    at_us      INTEGER NOT NULL
) STRICT;
CREATE INDEX link_event_by_pair ON link_event (a, b, link_event);

CREATE TABLE decision (
    decision    INTEGER PRIMARY KEY,
    patient     INTEGER NOT NULL REFERENCES patient (patient),
    pathway     TEXT NOT NULL,
    option      TEXT NOT NULL,
    choice      TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    reason_text TEXT NOT NULL,
    input_hash  BLOB NOT NULL,
    index_us    INTEGER NOT NULL,
    who         TEXT NOT NULL,
    at_us       INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_by_patient ON decision (patient, decision);

CREATE TABLE model_event (
    model_event INTEGER PRIMARY KEY,
    model       TEXT NOT NULL,
    enabled     INTEGER NOT NULL,
    who         TEXT NOT NULL,
    reason      TEXT NOT NULL,
    at_us       INTEGER NOT NULL
) STRICT;
CREATE INDEX model_event_by_model ON model_event (model, model_event);

CREATE TABLE setting (
    person  TEXT NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    at_us   INTEGER NOT NULL,
    PRIMARY KEY (person, name)
) STRICT, WITHOUT ROWID;

-- Who did what. Each row's MAC covers the row and the MAC of the row before it.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at_us   INTEGER NOT NULL,
    who     TEXT NOT NULL,
    verb    TEXT NOT NULL,
    subject INTEGER,
    details TEXT NOT NULL,
    before  BLOB NOT NULL,
    mac     BLOB NOT NULL
) STRICT;
