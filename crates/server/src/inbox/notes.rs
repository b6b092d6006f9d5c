//! Notes between members, and whom they call.

use rules::id::{ConversationId, MemberId, NoteId};
use rules::role::Right;
use serde_json::json;
use store::notes::Note;
use store::{Cursor, Json, OrgScope, Page};

use crate::alerts;
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// What a note is to say.
pub(super) struct Draft {
    pub body: String,
    pub mentions: Vec<MemberId>,
}

/// A page of a conversation's notes, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    conversation: ConversationId,
    after: Cursor,
    limit: usize,
) -> Result<Page<Note>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let conversation = scope.conversation(conversation).await?.ok_or_else(Problem::not_found)?;
    Ok(scope.notes(conversation.id, after, limit).await?)
}

/// Leaves a note, in the caller's transaction.
pub(super) async fn leave(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    draft: Draft,
) -> Result<Note, Problem> {
    let now = ctx.now();
    let conversation = scope.conversation_for_change(conversation).await?.ok_or_else(Problem::not_found)?;
    let note = Note {
        id: NoteId::fresh(now, ctx.chance()),
        conversation_id: conversation.id,
        author_id: actor.member(),
        body: draft.body,
        mentions: Json(members(scope, draft.mentions).await?),
        created_at: now,
        edited_at: None,
    };
    scope.insert_note(&note).await?;
    tell(ctx, actor, scope, "note.created", &note).await?;
    call(ctx, actor, scope, &note, &[]).await?;
    Ok(note)
}

/// Changes one's own note.
pub(super) async fn change(ctx: &Ctx, actor: &OrgActor, id: NoteId, draft: Draft) -> Result<Note, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let note = note(actor, &mut scope, id).await?;
    if !is_own(actor, &note) {
        return Err(Problem::forbidden(
            "not_your_note",
            "Only who wrote a note may change it. Leave one of your own beneath it.",
        ));
    }
    let mentions = members(&mut scope, draft.mentions).await?;
    if !scope.change_note(id, &draft.body, &mentions, now).await? {
        return Err(Problem::not_found());
    }
    let called = note.mentions.0;
    let note = Note { body: draft.body, mentions: Json(mentions), edited_at: Some(now), ..note };
    tell(ctx, actor, &mut scope, "note.updated", &note).await?;
    call(ctx, actor, &mut scope, &note, &called).await?;
    tx.commit().await?;
    Ok(note)
}

/// Removes one's own note, or anybody's, for those who look after the organisation.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: NoteId) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let note = note(actor, &mut scope, id).await?;
    if !is_own(actor, &note) && !actor.may(Right::WriteSettings) {
        return Err(Problem::forbidden(
            "not_your_note",
            "Only who wrote a note, an owner or an admin may remove it. Ask one of them.",
        ));
    }
    scope.remove_note(id).await?;
    tell(ctx, actor, &mut scope, "note.removed", &note).await?;
    tx.commit().await?;
    Ok(())
}

async fn note(actor: &OrgActor, scope: &mut OrgScope<'_>, id: NoteId) -> Result<Note, Problem> {
    actor.require(Right::WriteInbox)?;
    scope.note(id).await?.ok_or_else(Problem::not_found)
}

/// Whether the actor wrote it: nobody puts words into another's mouth.
fn is_own(actor: &OrgActor, note: &Note) -> bool {
    note.author_id.is_some() && note.author_id == actor.member()
}

/// The members called, each once; whoever is none is refused.
async fn members(scope: &mut OrgScope<'_>, mut called: Vec<MemberId>) -> Result<Vec<MemberId>, Problem> {
    called.sort_unstable();
    called.dedup();
    for member in &called {
        if scope.member(*member).await?.is_none() {
            return Err(Problem::invalid_field(
                "mentions",
                "names somebody who is no member of this organisation",
            ));
        }
    }
    Ok(called)
}

/// Alerts those whom a note calls and has not called before, but for whoever wrote it.
async fn call(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    note: &Note,
    before: &[MemberId],
) -> Result<(), Problem> {
    for member in note.mentions.0.iter().filter(|member| !before.contains(member)) {
        if actor.member() != Some(*member) {
            alerts::mentioned(scope, note.conversation_id, *member, ctx.now()).await?;
        }
    }
    Ok(())
}

/// Tells whoever watches, and writes down who did it: the words stay in the note.
async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    note: &Note,
) -> Result<(), Problem> {
    let details = json!({ "conversation": note.conversation_id });
    actor.audit(ctx, scope, what, note.id, details).await?;
    let payload = json!({
        "note_id": note.id, "conversation_id": note.conversation_id, "author_id": note.author_id,
        "mentions": note.mentions.0,
    });
    Ok(scope.publish(what, &payload, ctx.now())?)
}
