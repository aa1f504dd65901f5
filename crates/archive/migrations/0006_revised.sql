-- When the source of a row wrote that version: says which of two versions is newer where both were released at once. Null where it does not say.
ALTER TABLE fact ADD COLUMN revised_us INTEGER;
