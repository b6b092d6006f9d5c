//! Finding messages by their words, newest first.
//!
//! Words are split the same way when they are indexed and when they are asked for, so both databases find the same.
//! The index is brought up to date apart from the writing of messages, by a step that runs often; a message that is
//! gone or was moved to another conversation needs nothing, because what is found is read from `messages` itself. Only the
//! words of an organisation (`message_vocabulary`, on SQLite) stay when no message holds them any more.

use std::collections::BTreeSet;

use answers::words::split;
use rules::id::{ConversationId, OrgId};
use rules::time::Timestamp;
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::error::Result;
use crate::messages::{Message, message_columns};
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::{Conn, OrgScope, Tx};

/// A message that was found.
#[derive(sqlx::FromRow)]
struct Hit {
    row_id: i64,
    #[sqlx(flatten)]
    message: Message,
}

/// A message whose words are still to be indexed.
#[derive(sqlx::FromRow)]
struct Unindexed {
    row_id: i64,
    org_id: OrgId,
    body: String,
}

impl Tx {
    /// Indexes the words of messages that are new or were rewritten, oldest first. Returns how many; fewer than
    /// `limit` means that all are. Of no organisation because one step serves all.
    pub async fn index_messages(&mut self, limit: i64) -> Result<usize> {
        // Differs because on PostgreSQL other transactions write to messages at the same time: the step leaves those
        // that are being written for its next run instead of waiting with rows locked.
        let hold = if self.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
        let waiting: Vec<i64> = on!(self, c => QueryBuilder::new("SELECT row_id FROM unindexed ORDER BY row_id LIMIT ")
            .push_bind(limit)
            .push(hold)
            .build_query_scalar()
            .fetch_all(c)
            .await)?;
        let (theirs, these) = (self.join("messages", "m", "m.row_id = w.row_id"), self.named("row_id"));
        let mut rows: Vec<Unindexed> = Vec::with_capacity(waiting.len());
        for set in self.sets(&waiting) {
            let asked = Rows::of(set).column("row_id", |row| *row);
            rows.extend(on!(self, c => asked.with()
                .push("SELECT m.row_id, m.org_id, m.body FROM w")
                .push(&theirs)
                .build_query_as()
                .fetch_all(c)
                .await)?);
            if text_of(&rows) >= MOST_TEXT {
                self.index_words(&std::mem::take(&mut rows)).await?;
            }
            let done = Rows::of(set).column("row_id", |row| *row);
            on!(self, c => done.with()
                .push("DELETE FROM unindexed WHERE ")
                .push(&these)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        // Those that say little, together: what they say alike is written once.
        self.index_words(&rows).await?;
        Ok(waiting.len())
    }

    /// Notes messages, each under its organisation, whose words are new or were changed.
    pub(crate) async fn index_later(&mut self, rows: &[(OrgId, i64)]) -> Result<()> {
        for set in self.sets(rows) {
            let rows = Rows::of(set).column("row_id", |(_, row)| *row).column("org_id", |(org, _)| *org);
            // Written even where it is there: the step that indexes leaves it until we have ended, and reads what we write.
            on!(self, c => rows.insert_into("unindexed")
                .push(" ON CONFLICT (row_id) DO UPDATE SET org_id = excluded.org_id")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Takes the words of messages that are gone out of the index, and those that no message of the organisation holds any
    /// more out of its vocabulary. What the index has of them within goes with [`Tx::tidy_words`].
    pub(crate) async fn forget_words(&mut self, org: OrgId, gone: &[(i64, &str)]) -> Result<()> {
        for set in self.sets(gone) {
            let these = self.named("row_id");
            let rows = Rows::of(set).column("row_id", |(row, _)| *row);
            on!(self, c => rows.with()
                .push("DELETE FROM unindexed WHERE ")
                .push(&these)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        // Differs because full text is where the two databases differ most.
        match &mut self.conn {
            Conn::Sqlite(tx) => {
                for set in gone.chunks(500) {
                    let mut query = QueryBuilder::new("DELETE FROM messages_fts WHERE rowid IN (");
                    let mut list = query.separated(", ");
                    for (row, _) in set {
                        list.push_bind(*row);
                    }
                    query.push(")").build().persistent(false).execute(&mut **tx).await?;
                }
                let words: BTreeSet<String> = gone.iter().flat_map(|(_, body)| split(body)).collect();
                for word in words {
                    sqlx::query(
                        "DELETE FROM message_vocabulary WHERE org_id = $1 AND word = $2 \
                         AND NOT EXISTS (SELECT 1 FROM messages_fts WHERE messages_fts MATCH $3)",
                    )
                    .bind(org)
                    .bind(&word)
                    .bind(format!("\"{}\"", token(org, &word)))
                    .execute(&mut **tx)
                    .await?;
                }
            }
            Conn::Postgres(tx) => {
                let rows: Vec<i64> = gone.iter().map(|(row, _)| *row).collect();
                sqlx::query("DELETE FROM message_words WHERE org_id = $1 AND row_id = ANY ($2)")
                    .bind(org)
                    .bind(rows)
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }

    /// Takes words of messages that are gone out of the pages of the index, where FTS5 keeps them until it merges; a little at
    /// a time. `first` begins anew. Returns whether there is more to do.
    pub async fn tidy_words(&mut self, first: bool) -> Result<bool> {
        const PAGES: i64 = 500;
        self.others_need_not_wait();
        let Conn::Sqlite(tx) = &mut self.conn else { return Ok(false) };
        let changes = "SELECT total_changes()";
        let before: i64 = sqlx::query_scalar(changes).fetch_one(&mut **tx).await?;
        sqlx::query("INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', $1)")
            .bind(if first { -PAGES } else { PAGES })
            .execute(&mut **tx)
            .await?;
        let after: i64 = sqlx::query_scalar(changes).fetch_one(&mut **tx).await?;
        Ok(after - before >= 2)
    }

    /// Indexes the words of all messages: for those that were copied without their index.
    pub(crate) async fn index_messages_again(&mut self) -> Result<()> {
        let mut after = i64::MIN;
        loop {
            let rows: Vec<Unindexed> = on!(self, c => sqlx::query_as(
                "SELECT row_id, org_id, body FROM messages WHERE row_id > $1 ORDER BY row_id LIMIT 1000",
            )
            .bind(after).fetch_all(c).await)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.row_id;
            self.index_words(&rows).await?;
        }
    }

    /// Indexes words, of so much text at once: each word takes several times its room, with its organisation.
    async fn index_words(&mut self, mut rows: &[Unindexed]) -> Result<()> {
        while !rows.is_empty() {
            let mut text = 0;
            let fit = rows.iter().take_while(|row| {
                let before = text;
                text += row.body.len();
                before < MOST_TEXT
            });
            let (some, rest) = rows.split_at(fit.count());
            self.index_some(some).await?;
            rows = rest;
        }
        Ok(())
    }

    // Differs because full text is where the two databases differ most: FTS5 takes text, PostgreSQL a tsvector.
    async fn index_some(&mut self, rows: &[Unindexed]) -> Result<()> {
        let words = rows.iter().map(|row| split(&row.body));
        match &mut self.conn {
            Conn::Sqlite(tx) => {
                let mut query = QueryBuilder::new("DELETE FROM messages_fts WHERE rowid IN (");
                let mut list = query.separated(", ");
                for row in rows {
                    list.push_bind(row.row_id);
                }
                query.push(")").build().persistent(false).execute(&mut **tx).await?;
                let worded: Vec<_> = rows.iter().zip(words).filter(|(_, words)| !words.is_empty()).collect();
                if worded.is_empty() {
                    return Ok(());
                }
                let mut query = QueryBuilder::new("INSERT INTO messages_fts (rowid, words) ");
                query.push_values(&worded, |mut list, (row, words)| {
                    let tokens: Vec<_> = words.iter().map(|word| token(row.org_id, word)).collect();
                    list.push_bind(row.row_id).push_bind(tokens.join(" "));
                });
                query.build().persistent(false).execute(&mut **tx).await?;
                let known: BTreeSet<_> = worded
                    .iter()
                    .flat_map(|(row, words)| words.iter().map(|word| (row.org_id, word)))
                    .collect();
                let known: Vec<_> = known.into_iter().collect();
                for known in known.chunks(MOST_WORDS) {
                    let mut query = QueryBuilder::new("INSERT INTO message_vocabulary (org_id, word) ");
                    query.push_values(known, |mut list, (org, word)| {
                        list.push_bind(org).push_bind(word);
                    });
                    query
                        .push(" ON CONFLICT DO NOTHING")
                        .build()
                        .persistent(false)
                        .execute(&mut **tx)
                        .await?;
                }
            }
            Conn::Postgres(tx) => {
                let words = rows.iter().zip(words).map(|(row, mut words)| {
                    words.push(org_word(row.org_id));
                    words.join(" ")
                });
                sqlx::query(
                    "INSERT INTO message_words (org_id, row_id, words) \
                     SELECT org_id, row_id, array_to_tsvector(string_to_array(words, ' ')) \
                     FROM UNNEST($1::uuid[], $2::bigint[], $3::text[]) AS r (org_id, row_id, words) \
                     ON CONFLICT (org_id, row_id) DO UPDATE SET words = excluded.words",
                )
                .bind(rows.iter().map(|row| row.org_id.0).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.row_id).collect::<Vec<_>>())
                .bind(words.collect::<Vec<_>>())
                .execute(&mut **tx)
                .await?;
            }
        }
        Ok(())
    }
}

impl OrgScope<'_> {
    /// Messages that hold every word of `text`, each word or its beginning, newest first; of one conversation or of
    /// all. The cursor belongs to this list alone.
    pub async fn search_messages(
        &mut self,
        text: &str,
        conversation: Option<ConversationId>,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Message>> {
        let words: BTreeSet<String> = split(text).into_iter().collect();
        if words.is_empty() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        self.tx.plan_for_values().await?;
        let org = self.org;
        self.tx.others_need_not_wait();
        let hits: Vec<Hit> = match &mut self.tx.conn {
            Conn::Sqlite(tx) => {
                let mut every = Vec::with_capacity(words.len());
                // Each token that is named is read by itself, and takes memory.
                let named = MOST_NAMED / i64::try_from(words.len()).unwrap_or(MOST_NAMED);
                for word in &words {
                    match beginning_with(tx, org, word, named).await? {
                        Some(any) => every.push(format!("({any})")),
                        None => return Ok(Page { items: Vec::new(), next: None }),
                    }
                }
                // CROSS JOIN: the words are looked up first, not once for every message that there is.
                sqlx::query_as(concat!(
                    "SELECT m.row_id, ",
                    message_columns!(),
                    " FROM messages_fts f CROSS JOIN messages m ON m.row_id = f.rowid \
                     WHERE messages_fts MATCH $2 AND f.rowid < $3 AND m.org_id = $1 \
                     AND ($4 IS NULL OR m.conversation_id = $4) ORDER BY f.rowid DESC LIMIT $5"
                ))
                .bind(org)
                .bind(every.join(" AND "))
                .bind(after.at)
                .bind(conversation)
                .bind(Page::<()>::fetch(limit))
                .fetch_all(&mut **tx)
                .await?
            }
            Conn::Postgres(tx) => {
                let mut words: Vec<_> = words.iter().map(|word| format!("'{word}':*")).collect();
                words.push(format!("'{}'", org_word(org)));
                sqlx::query_as(concat!(
                    "SELECT m.row_id, ",
                    message_columns!(),
                    " FROM message_words f \
                     JOIN messages m ON m.row_id = f.row_id AND m.org_id = f.org_id \
                     WHERE f.org_id = $1 AND f.words @@ $2::tsquery AND f.row_id < $3 \
                     AND ($4 IS NULL OR m.conversation_id = $4) ORDER BY f.row_id DESC LIMIT $5"
                ))
                .bind(org)
                .bind(words.join(" & "))
                .bind(after.at)
                .bind(conversation)
                .bind(Page::<()>::fetch(limit))
                .fetch_all(&mut **tx)
                .await?
            }
        };
        let page = Page::cut(hits, limit, |hit: &Hit| Cursor { at: Timestamp(hit.row_id), id: Uuid::nil() });
        Ok(Page { items: page.items.into_iter().map(|hit| hit.message).collect(), next: page.next })
    }
}

/// How much these say, in bytes.
fn text_of(rows: &[Unindexed]) -> usize {
    rows.iter().map(|row| row.body.len()).sum()
}

/// So many bytes of text are indexed together.
const MOST_TEXT: usize = 128 * 1024;
/// SQLite takes some 32,000 values with a statement.
const MOST_WORDS: usize = 10_000;

/// A word of an organisation as SQLite indexes it: as one token.
fn token(org: OrgId, word: &str) -> String {
    org_word(org) + word
}

/// What SQLite is to look for where a message shall hold a word that begins like this. `None`: the organisation has no
/// such word. The words are named where they are no more than `most`, because of a token FTS5 reads no more messages than are
/// wanted, and of the beginning of one all that there are.
async fn beginning_with(
    connection: &mut sqlite::Connection,
    org: OrgId,
    word: &str,
    most: i64,
) -> Result<Option<String>> {
    let words: Vec<String> = sqlx::query_scalar(
        "SELECT word FROM message_vocabulary WHERE org_id = $1 AND word >= $2 AND word < $3 LIMIT $4",
    )
    .bind(org)
    .bind(word)
    .bind(format!("{word}{}", char::MAX))
    .bind(most + 1)
    .fetch_all(connection)
    .await?;
    if words.is_empty() {
        return Ok(None);
    }
    if i64::try_from(words.len()).is_ok_and(|count| count <= most) {
        let tokens: Vec<_> = words.iter().map(|word| format!("\"{}\"", token(org, word))).collect();
        return Ok(Some(tokens.join(" OR ")));
    }
    Ok(Some(format!("\"{}\" *", token(org, word))))
}

/// So many words of one question are looked for one by one.
const MOST_NAMED: i64 = 200;

/// The organisation as one word.
fn org_word(org: OrgId) -> String {
    org.0.simple().to_string()
}
