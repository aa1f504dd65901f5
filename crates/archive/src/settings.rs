//! What a user's screen remembers: layouts and preferences, a JSON value by name. No audit: nothing here has a consequence for a patient.

use sqlx::Row as _;

use crate::{Archive, ArchiveError, By};

impl Archive {
    /// A user's value of a setting.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn setting(
        &self,
        who: &str,
        name: &str,
    ) -> Result<Option<serde_json::Value>, ArchiveError> {
        let row = sqlx::query("SELECT value FROM setting WHERE person = $1 AND name = $2")
            .bind(who)
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| serde_json::from_str(row.try_get(0)?).map_err(ArchiveError::row("setting")))
            .transpose()
    }

    /// Sets it; durable when this returns.
    ///
    /// # Errors
    /// When it could not be made durable.
    pub async fn set_setting(
        &self,
        by: &By,
        name: &str,
        value: &serde_json::Value,
    ) -> Result<(), ArchiveError> {
        sqlx::query(
            "INSERT INTO setting (person, name, value, at_us) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (person, name) DO UPDATE SET value = excluded.value, at_us = excluded.at_us",
        )
        .bind(&by.who)
        .bind(name)
        .bind(value.to_string())
        .bind(by.at.0)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}
