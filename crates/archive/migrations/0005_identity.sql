-- What a source asks about two patients, and documents that contradict a record. The same content is asked once; after an answer a new document
-- may ask it again, as the next round. Nothing here is a link: an answer may make one.
CREATE TABLE identity_question (
    question     INTEGER PRIMARY KEY,
    kind         INTEGER NOT NULL,
    content      BLOB NOT NULL,
    round        INTEGER NOT NULL,
    keep         TEXT NOT NULL,
    other        TEXT NOT NULL,
    keep_record  INTEGER REFERENCES patient (patient),
    other_record INTEGER REFERENCES patient (patient),
    reason       TEXT,
    sent         TEXT,
    asked_us     INTEGER NOT NULL,
    UNIQUE (content, round)
) STRICT;

-- Who asked: every document with this content, and where it lay when it came last.
CREATE TABLE identity_source (
    question INTEGER NOT NULL REFERENCES identity_question (question),
    document BLOB NOT NULL,
    place    TEXT NOT NULL,
    file     TEXT NOT NULL,
    PRIMARY KEY (question, document, place)
) STRICT, WITHOUT ROWID;

-- One answer a question. `record` is the one that was made by it.
CREATE TABLE identity_answer (
    question INTEGER PRIMARY KEY REFERENCES identity_question (question),
    answer   INTEGER NOT NULL,
    record   INTEGER REFERENCES patient (patient),
    who      TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at_us    INTEGER NOT NULL
) STRICT;
