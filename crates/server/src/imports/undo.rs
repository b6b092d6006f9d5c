//! Taking an import back: people who came with it alone go again; what it said of the others is withdrawn, by an entry more.

use rules::consent::{ConsentAction, ConsentSource};
use rules::id::{ConsentEventId, ContactId, ImportId};
use rules::import::{ImportState, RowVerdict};
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::OrgScope;
use store::consent::NewConsentEvent;
use store::imports::{Import, WhichRows};

use super::service;
use crate::ctx::Ctx;
use crate::inbox::news;

/// What came of a row that is taken back.
enum Back {
    /// Its contact is gone.
    Removed,
    /// Its contact stays, because somebody has touched it or knew it before.
    Kept,
    /// Nobody is there any more.
    Nothing,
}

/// Takes the next rows of an import back that is to be taken back, and says whether more may follow. `None`: it is not.
pub(super) async fn page(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    id: ImportId,
    limit: usize,
    now: Timestamp,
) -> store::Result<Option<bool>> {
    let import = scope.import_for_change(id).await?;
    let Some(mut import) = import.filter(|import| import.state == ImportState::Undoing) else {
        return Ok(None);
    };
    let rows = scope.import_rows(id, WhichRows::All, import.done, limit).await?;
    match rows.last() {
        Some(last) => import.done = last.number,
        None => import.state = ImportState::Undone,
    }
    for row in &rows {
        let Some(contact) = row.contact_id else { continue };
        let is_new = row.verdict == Some(RowVerdict::New);
        match take_back(ctx, scope, &import, contact, is_new, now).await? {
            Back::Removed => count(&mut import.tally.0, "removed"),
            Back::Kept => count(&mut import.tally.0, "kept"),
            Back::Nothing => {}
        }
    }
    import.changed_at = now;
    scope.update_import(&import).await?;
    service::announce(scope, id, now)?;
    Ok(Some(!rows.is_empty()))
}

async fn take_back(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    import: &Import,
    contact: ContactId,
    is_new: bool,
    now: Timestamp,
) -> store::Result<Back> {
    let Some(found) = scope.contact_for_change(contact).await? else { return Ok(Back::Nothing) };
    if is_new && found.id == contact && scope.is_untouched(contact, import.id).await? {
        scope.forget_untouched(contact).await?;
        news::contact_updated(scope, contact, None, now).await?;
        return Ok(Back::Removed);
    }
    withdraw(ctx, scope, import, found.id, now).await?;
    Ok(Back::Kept)
}

/// Nothing in the ledger is changed: what the import had somebody agree to is refused by an entry more, which says why. A
/// refusal that it brought stands.
async fn withdraw(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    import: &Import,
    contact: ContactId,
    now: Timestamp,
) -> store::Result<()> {
    let ledger = scope.consent_ledger(contact).await?;
    let came_with_it = |evidence: &Value| evidence["import_id"] == json!(import.id);
    for (nth, entry) in ledger.iter().enumerate() {
        let said_since = ledger[nth + 1..].iter().any(|later| {
            later.channel == entry.channel && (later.purpose.is_none() || later.purpose == entry.purpose)
        });
        if entry.action != ConsentAction::OptIn || !came_with_it(&entry.evidence.0) || said_since {
            continue;
        }
        scope
            .append_consent(&NewConsentEvent {
                id: ConsentEventId::fresh(now, ctx.chance()),
                contact,
                channel: entry.channel,
                purpose: entry.purpose,
                action: ConsentAction::OptOut,
                source: ConsentSource::Import,
                evidence: json!({ "import_id": import.id, "file": import.file_name, "withdraws": entry.id }),
                at: now.max(entry.at),
            })
            .await?;
    }
    news::contact_updated(scope, contact, None, now).await
}

/// Adds to how many rows came to something.
fn count(tally: &mut Value, word: &str) {
    let Value::Object(tally) = tally else { return };
    let so_far = tally.get(word).and_then(Value::as_u64).unwrap_or(0);
    tally.insert(word.to_owned(), json!(so_far + 1));
}
