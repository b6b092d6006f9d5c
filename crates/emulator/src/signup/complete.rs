//! The end of a run: what is shared in the world, and what the page is told.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::webhooks::partners;
use crate::world::scenario::{self, Channel, Outcome, PartnerWebhooks, Post, Scenario, SharedIds};
use crate::world::{
    Account, Announcement, Millis, Number, Portfolio, Reach, SignupCode, SignupVisit, Token, TokenKind,
    World, access_token, graph_id,
};

/// Life of a token of a 60-day configuration, in milliseconds.
const SIXTY_DAYS_MS: Millis = 5_183_944_000;

/// The permissions of a business token, in the order in which Meta lists them.
const SCOPES: [&str; 4] =
    ["whatsapp_business_management", "whatsapp_business_messaging", "business_management", "public_profile"];

/// A messaging account that an event may name falsely when the world has no other.
const NOBODYS_ACCOUNT: &str = "700000000000777";

/// What the page asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// App.
    pub app_id: String,
    /// Login configuration.
    pub config_id: String,
    /// `extras` of `FB.login`.
    pub extras: Value,
    /// Address of the full-page dialog; `None` for the popup.
    pub redirect_uri: Option<String>,
    /// The visit this run belongs to.
    pub visit_id: String,
    /// The SDK's channel.
    pub channel: Channel,
    /// Values to use in place of random ones.
    pub replay: Replay,
}

impl Request {
    /// The visit that it begins.
    pub fn visit(&self, at: Millis) -> SignupVisit {
        SignupVisit {
            id: self.visit_id.clone(),
            at,
            app_id: self.app_id.clone(),
            config_id: self.config_id.clone(),
            origin: self.channel.page_origin.clone(),
            redirect_uri: self.redirect_uri.clone(),
            extras: self.extras.clone(),
            ..SignupVisit::default()
        }
    }

    /// The multi-partner solution that the page named.
    fn solution_id(&self) -> Option<&str> {
        self.extras["setup"]["solutionID"].as_str()
    }
}

/// Values to use in place of random ones, so that a recorded exchange can be replayed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Replay {
    /// The code.
    pub code: Option<String>,
    /// The business token it buys.
    pub token: Option<String>,
    /// The business token's user.
    pub user_id: Option<String>,
}

/// What the client shares: existing things by id, new ones by name. What is not said is chosen.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// Existing portfolio.
    pub business_id: Option<String>,
    /// Name of a new portfolio.
    pub business_name: Option<String>,
    /// Country of a new portfolio, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Existing messaging account.
    pub waba_id: Option<String>,
    /// Name of a new messaging account.
    pub account_name: Option<String>,
    /// Currency of a new messaging account, ISO 4217.
    pub currency: Option<String>,
    /// Existing number.
    pub phone_number_id: Option<String>,
    /// A new number, with its country code: `+62 812 3456 7890`.
    pub phone: Option<String>,
    /// Display name of a new number.
    pub display_name: Option<String>,
}

/// A finished run.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// The code, where one reaches the page.
    pub code: Option<String>,
    /// What was shared; `None` after a cancellation.
    pub shared: Option<SharedIds>,
    /// The messages to post, in order.
    pub posts: Vec<Post>,
    /// What the SDK hands to the callback; `None` when it is never called.
    pub callback: Option<Value>,
}

/// Ends a run. The error says which choice does not exist.
pub fn complete(
    world: &mut World,
    request: &Request,
    choices: &Choices,
    scenario: &Scenario,
) -> Result<Finished, String> {
    let now = world.now();
    let mut finished = Finished::default();
    let mut ids = SharedIds { foreign_waba_id: NOBODYS_ACCOUNT.into(), ..SharedIds::default() };
    let mut made_code = None;
    if scenario.outcome.shares() {
        ids = share(world, request, choices, scenario)?;
        let token = grant(world, request, &ids);
        made_code = Some(hand_over(world, request, scenario, &ids, token));
        finished.shared = Some(ids.clone());
    }
    finished.code = made_code.filter(|_| scenario.outcome.hands_over_code());
    finished.posts = scenario::script(scenario, &ids, finished.code.as_deref(), now / 1000, &request.channel);
    finished.callback = scenario::callback(scenario, finished.code.as_deref());
    close_visit(world, request, scenario, finished.shared.as_ref());
    Ok(finished)
}

fn close_visit(world: &mut World, request: &Request, scenario: &Scenario, shared: Option<&SharedIds>) {
    let Some(visit) = world.visits.edit(&request.visit_id) else { return };
    visit.ended = serde_json::to_value(scenario.outcome)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default();
    if let Some(ids) = shared {
        visit.waba_id = Some(ids.waba_id.clone());
        visit.phone_number_id.clone_from(&ids.phone_number_id);
        visit.business_id = Some(ids.business_id.clone());
    }
}

/// Finds or makes what is shared, and shares it.
fn share(
    world: &mut World,
    request: &Request,
    choices: &Choices,
    scenario: &Scenario,
) -> Result<SharedIds, String> {
    let number = choices.phone_number_id.as_deref().map(|id| {
        world
            .numbers
            .get(id)
            .cloned()
            .ok_or_else(|| format!("There is no number {id}; choose an existing one."))
    });
    let number = number.transpose()?;
    let account_id =
        number.as_ref().map(|number| number.account_id.clone()).or_else(|| choices.waba_id.clone());
    let account = account_id.map(|id| {
        world
            .accounts
            .get(&id)
            .cloned()
            .ok_or_else(|| format!("There is no messaging account {id}; choose an existing one."))
    });
    let account = match account.transpose()? {
        Some(account) => account,
        None => {
            let portfolio = portfolio(world, request, choices)?;
            account_of(world, choices, &portfolio)
        }
    };
    let number = match (number, scenario.outcome) {
        (_, Outcome::FinishOnlyWaba) => None,
        (Some(number), _) => Some(number),
        (None, _) => Some(number_of(world, request, choices, &account)),
    };
    if let Some(number) = &number {
        onboard(world, &number.id, scenario.outcome == Outcome::Coexistence);
    }
    if scenario.outcome != Outcome::AppOnly {
        let partners = partner_portfolios(world, request);
        if let Some(row) = world.accounts.edit(&account.id) {
            row.partners.extend(partners);
        }
    }
    let stranger = world.accounts.values().find(|other| other.owner_id != account.owner_id);
    Ok(SharedIds {
        foreign_waba_id: stranger.map_or(NOBODYS_ACCOUNT, |other| other.id.as_str()).to_owned(),
        waba_id: account.id,
        phone_number_id: number.map(|number| number.id),
        business_id: account.owner_id,
    })
}

fn partner_portfolios(world: &World, request: &Request) -> Vec<String> {
    let solution = request.solution_id().and_then(|id| world.solutions.get(id));
    let apps = [Some(&request.app_id), solution.map(|it| &it.app_id), solution.map(|it| &it.partner_app_id)];
    apps.into_iter().flatten().filter_map(|app| Some(world.apps.get(app)?.portfolio_id.clone())).collect()
}

/// The portfolio chosen, or a new one; pre-filled values serve where nothing was typed.
fn portfolio(world: &mut World, request: &Request, choices: &Choices) -> Result<Portfolio, String> {
    if let Some(id) = &choices.business_id {
        let known = world.portfolios.get(id).cloned();
        return known.ok_or_else(|| format!("There is no business portfolio {id}; choose an existing one."));
    }
    let prefill = &request.extras["setup"]["business"];
    let name = choices.business_name.clone().or_else(|| prefill["name"].as_str().map(str::to_owned));
    let country =
        choices.country.clone().or_else(|| prefill["address"]["country"].as_str().map(str::to_owned));
    let portfolio = Portfolio {
        id: graph_id(),
        name: name.unwrap_or_else(|| "New business".into()),
        country: country.unwrap_or_else(|| "ID".into()),
        verification_status: "not_verified".into(),
        messaging_limit: "TIER_250".into(),
    };
    world.portfolios.put(portfolio.id.clone(), portfolio.clone());
    Ok(portfolio)
}

/// The portfolio's first messaging account, unless a new one was named.
fn account_of(world: &mut World, choices: &Choices, owner: &Portfolio) -> Account {
    if choices.account_name.is_none()
        && let Some(account) = world.accounts.values().find(|account| account.owner_id == owner.id)
    {
        return account.clone();
    }
    let now = world.now();
    let id = graph_id();
    let account = Account {
        name: choices.account_name.clone().unwrap_or_else(|| owner.name.clone()),
        owner_id: owner.id.clone(),
        status: "ACTIVE".into(),
        review_status: "APPROVED".into(),
        currency: choices.currency.clone().unwrap_or_else(|| "USD".into()),
        country: owner.country.clone(),
        timezone_id: "1".into(),
        namespace: format!("namespace_{id}"),
        created_at: now,
        id: id.clone(),
        ..Account::default()
    };
    world.accounts.put(id, account.clone());
    account
}

/// The account's newest number, unless a new one was typed or the page brought one verified ahead.
fn number_of(world: &mut World, request: &Request, choices: &Choices, account: &Account) -> Number {
    let brought = request.extras["setup"]["preVerifiedPhone"]["ids"][0].as_str();
    let brought = brought.and_then(|id| world.preverified.get(id)).map(|row| format!("+{}", row.phone));
    let preverified = choices.phone.is_none() && brought.is_some();
    let typed = choices.phone.clone().filter(|phone| !phone.is_empty()).or(brought);
    if typed.is_none() {
        let own = world.numbers.values().filter(|number| number.account_id == account.id);
        if let Some(number) = own.max_by_key(|number| number.onboarded_at) {
            return number.clone();
        }
    }
    let (dial, phone, display) = spelled(typed.as_deref().unwrap_or_default());
    let number = Number {
        id: graph_id(),
        account_id: account.id.clone(),
        phone,
        display,
        verified_name: choices.display_name.clone().unwrap_or_else(|| account.name.clone()),
        name_status: "AVAILABLE_WITHOUT_REVIEW".into(),
        country_dial_code: dial,
        ..Number::default()
    };
    world.numbers.put(number.id.clone(), number.clone());
    if preverified {
        world.edit_number_file(&number.id, |file| file.preverified = true);
    }
    number
}

/// Calling code, digits and spelling of a number as typed. The code is what stands before the first gap; without a
/// gap it is taken for two digits. Nothing typed becomes one of Meta's `+1 555` numbers.
fn spelled(typed: &str) -> (String, String, String) {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let whole = digits(typed);
    if whole.is_empty() {
        let id = graph_id();
        let tail = &id[id.len() - 7..];
        return ("1".into(), format!("1555{tail}"), format!("+1 555-{}-{}", &tail[..3], &tail[3..]));
    }
    let head = digits(typed.trim().split([' ', '-', '(']).next().unwrap_or_default());
    let dial =
        if head.len() < whole.len() && !head.is_empty() { head } else { whole.chars().take(2).collect() };
    let display = if typed.contains(' ') {
        typed.trim().to_owned()
    } else {
        format!("+{dial} {}", &whole[dial.len()..])
    };
    (dial, whole, display)
}

/// Marks a number onboarded now. A number of the phone app is on both at once, and may be synced anew.
fn onboard(world: &mut World, number_id: &str, coexistence: bool) {
    let now = world.now();
    if let Some(number) = world.numbers.edit(number_id) {
        number.onboarded_at = now;
        if coexistence {
            number.on_business_app = true;
            number.platform_type = "CLOUD_API".into();
            number.status = "CONNECTED".into();
            number.code_verification_status = "VERIFIED".into();
        }
    }
    if coexistence {
        world.edit_number_file(number_id, |file| file.syncs.clear());
    }
}

/// Makes the client's business token: one user per client and app, reaching what was ever granted, newest first.
fn grant(world: &mut World, request: &Request, ids: &SharedIds) -> String {
    let now = world.now();
    let expires = world
        .apps
        .get(&request.app_id)
        .and_then(|app| app.configurations.get(&request.config_id))
        .is_some_and(|configuration| configuration.expires);
    let mut former: Vec<&Token> = world
        .tokens
        .values()
        .filter(|token| token.kind == TokenKind::Business && token.app_id == request.app_id)
        .filter(|token| token.portfolio_id == ids.business_id)
        .collect();
    former.sort_by_key(|token| std::cmp::Reverse(token.issued_at));
    let mut reach = vec![ids.waba_id.clone()];
    for token in former.iter().filter(|token| token.death.is_none()) {
        if let Reach::Listed(listed) = &token.reach {
            reach.extend(listed.iter().filter(|id| !reach.contains(id)).cloned().collect::<Vec<_>>());
        }
    }
    let user = former.first().map(|token| token.user_id.clone());
    let token = Token {
        value: request.replay.token.clone().unwrap_or_else(|| access_token("EAAB")),
        app_id: request.app_id.clone(),
        kind: TokenKind::Business,
        user_id: request.replay.user_id.clone().or(user).unwrap_or_else(graph_id),
        portfolio_id: ids.business_id.clone(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        reach: Reach::Listed(reach),
        issued_at: now,
        expires_at: expires.then_some(now + SIXTY_DAYS_MS),
        death: None,
    };
    let value = token.value.clone();
    world.tokens.put(value.clone(), token);
    value
}

/// Makes the code, and announces the partner now or at the exchange.
fn hand_over(
    world: &mut World,
    request: &Request,
    scenario: &Scenario,
    ids: &SharedIds,
    token: String,
) -> String {
    let announcement = Announcement {
        account_id: ids.waba_id.clone(),
        app_id: request.app_id.clone(),
        app_only: scenario.outcome == Outcome::AppOnly,
        solution_id: request.solution_id().map(str::to_owned),
    };
    // A code that never reaches the page is never exchanged: then the webhooks cannot wait for it.
    let later = scenario.webhooks == PartnerWebhooks::AfterExchange && scenario.outcome.hands_over_code();
    if !later && scenario.webhooks != PartnerWebhooks::Lost {
        partners::announce(world, &announcement);
    }
    let value = request.replay.code.clone().unwrap_or_else(|| access_token("AQB"));
    let code = SignupCode {
        app_id: request.app_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        token,
        made_at: world.now(),
        used_at: None,
        announce: later.then_some(announcement),
    };
    world.codes.put(value.clone(), code);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_keep_their_spelling_and_their_calling_code() {
        assert_eq!(
            spelled("+62 812-3456-7890"),
            ("62".into(), "6281234567890".into(), "+62 812-3456-7890".into())
        );
        assert_eq!(spelled("+49301234567"), ("49".into(), "49301234567".into(), "+49 301234567".into()));
        let (dial, phone, display) = spelled("");
        assert_eq!((dial.as_str(), phone.len()), ("1", 11));
        assert!(display.starts_with("+1 555-"));
    }
}
