//! Links that begin conversations: a name for a poster, a flyer, a button, so that whoever writes by it is known to have
//! come by it; and, where its words say so, has agreed by writing.

use rules::codes;
use rules::consent::{Channel, Purpose};
use rules::form::FormStatus;
use rules::id::{ChatLinkId, NumberId};
use rules::role::Right;
use serde_json::json;
use store::links::{ChatLink, LinkCounts, NewLinkEntry};
use store::{Json, OrgScope};

use super::confirm::thank;
use super::service::public_token;
use super::{Heard, words};
use crate::bot;
use crate::consent::{self, OptIn};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::identity::hash;
use crate::onboarding::chat_link;

/// More would not be told apart by anyone.
const MOST: usize = 500;

/// What a member says of a link.
pub(super) struct LinkText {
    pub name: String,
    pub number: NumberId,
    pub text: String,
    pub wording: Option<String>,
    pub purposes: Vec<Purpose>,
    pub status: FormStatus,
}

/// A link and how many people did what with it.
pub(super) struct Counted {
    pub link: ChatLink,
    pub wrote: i64,
    pub opted_in: i64,
    /// What it fills in, whole.
    pub fills_in: String,
}

/// All links, the newest first.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<Counted>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let counts = scope.link_counts().await?;
    Ok(scope.chat_links().await?.into_iter().map(|link| counted(link, &counts)).collect())
}

fn counted(link: ChatLink, counts: &[LinkCounts]) -> Counted {
    let found = counts.iter().find(|count| count.link_id == link.id);
    let (wrote, opted_in) = found.map_or((0, 0), |count| (count.wrote, count.opted_in));
    Counted { wrote, opted_in, fills_in: fills_in(&link), link }
}

/// Makes a link, or changes one.
pub(super) async fn keep(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<ChatLinkId>,
    said: LinkText,
) -> Result<Counted, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = match id {
        Some(id) => Some(scope.chat_link(id).await?.ok_or_else(Problem::not_found)?),
        None => None,
    };
    scope.number(said.number).await?.ok_or_else(Problem::not_found)?;
    if said.wording.is_some() == said.purposes.is_empty() {
        return Err(Problem::invalid_field(
            "wording",
            "say in words what is agreed to by writing, and name the purposes; or leave both out",
        ));
    }
    let is_new = before.is_none();
    let fresh = || ChatLink {
        id: ChatLinkId::fresh(now, ctx.chance()),
        token: public_token(ctx),
        code: link_code(ctx),
        number_id: said.number,
        name: String::new(),
        text: String::new(),
        wording: None,
        purposes: Json(Vec::new()),
        status: FormStatus::Active,
        opened: 0,
        created_at: now,
        updated_at: now,
    };
    let link = ChatLink {
        number_id: said.number,
        name: said.name,
        text: said.text,
        wording: said.wording,
        purposes: Json(said.purposes),
        status: said.status,
        updated_at: now,
        ..before.unwrap_or_else(fresh)
    };
    if is_new {
        if scope.chat_links().await?.len() >= MOST {
            return Err(Problem::unprocessable(
                "too_many_chat_links",
                format!("There are {MOST} links already. Change one that nobody uses."),
            ));
        }
        scope.insert_chat_link(&link).await?;
    } else {
        scope.change_chat_link(&link).await?;
    }
    let what = if is_new { "chat_link.create" } else { "chat_link.update" };
    actor
        .audit(ctx, &mut scope, what, link.id, json!({ "name": link.name, "wording": link.wording }))
        .await?;
    tell(&mut scope, &link, ctx)?;
    let counts = scope.link_counts().await?;
    tx.commit().await?;
    Ok(counted(link, &counts))
}

/// A link of the organisation.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: ChatLinkId) -> Result<ChatLink, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    tx.org(actor.org).await?.chat_link(id).await?.ok_or_else(Problem::not_found)
}

fn link_code(ctx: &Ctx) -> String {
    let mut bytes = [0; codes::LINK];
    ctx.chance().fill(&mut bytes);
    codes::write(&bytes)
}

/// What a link fills in: the text, the words by which writing is agreeing, the code.
fn fills_in(link: &ChatLink) -> String {
    let words = link.wording.as_deref().map(|wording| format!("\n\n{wording}")).unwrap_or_default();
    format!("{}{words} (#{})", link.text, link.code)
}

/// Where a link leads; that it was opened is counted. `None`: there is none in use.
pub(crate) async fn open(ctx: &Ctx, token: &str, counts: bool) -> store::Result<Option<String>> {
    let mut tx = ctx.store.begin().await?;
    let Some((org, id)) = tx.chat_link_place(token).await? else { return Ok(None) };
    let mut scope = tx.org(org).await?;
    let works = scope.org().await?.is_some_and(|org| org.may_work());
    let link = scope.chat_link(id).await?.filter(|link| works && link.status == FormStatus::Active);
    let Some(link) = link else { return Ok(None) };
    let Some(number) = scope.number(link.number_id).await? else { return Ok(None) };
    if counts {
        scope.count_link_opened(link.id).await?;
    }
    tx.commit().await?;
    Ok(Some(chat_link(ctx, &number, &fills_in(&link))))
}

/// A message carries a link's code: it came by that link. Writing is agreeing where the message still holds the words that
/// say so; whoever took them out has not agreed. `true`: whoever agreed and wrote nothing of their own was thanked, and there
/// is nothing more to answer.
pub(super) async fn attribute(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    code: &str,
    heard: &Heard<'_>,
) -> store::Result<bool> {
    let now = ctx.now();
    let found = scope.chat_link_of(code).await?.filter(|link| link.number_id == heard.number);
    let Some(link) = found else { return Ok(false) };
    let said = link.wording.as_deref().filter(|words| holds(heard.text, words));
    let entry = NewLinkEntry {
        link: link.id,
        message: heard.message,
        contact: heard.contact,
        opted_in: said.is_some(),
    };
    if !scope.insert_link_entry(&entry, now).await? {
        return Ok(false);
    }
    let came_by = json!({
        "source_type": "link", "source_id": link.id, "headline": link.name, "ref": link.code,
    });
    scope.attribute_conversation(heard.conversation, &came_by).await?;
    if let Some(words) = said {
        let evidence = json!({
            "link_id": link.id, "link": link.name, "code": link.code, "wording": words,
            "shown_sha256": hex::encode(hash(words)), "message_id": heard.message,
        });
        for purpose in &link.purposes.0 {
            let (contact, channel, at) = (heard.contact, Channel::Whatsapp, heard.at);
            let yes = OptIn { contact, channel, purpose: *purpose, evidence: evidence.clone(), at };
            consent::opt_in(ctx, scope, yes).await?;
        }
    }
    tell(scope, &link, ctx)?;
    let adds_nothing = said.is_some() && plain(heard.text) == plain(&fills_in(&link));
    if adds_nothing {
        let locale = bot::language(scope, heard.conversation).await?;
        thank(ctx, scope, heard, locale, words::thanks(locale)).await?;
    }
    Ok(adds_nothing)
}

/// Whether a text holds these words.
fn holds(text: &str, words: &str) -> bool {
    plain(text).contains(&plain(words))
}

/// A text however the blanks in it came through.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn tell(scope: &mut OrgScope<'_>, link: &ChatLink, ctx: &Ctx) -> store::Result<()> {
    scope.publish("chat_link.updated", &json!({ "chat_link_id": link.id }), ctx.now())
}
