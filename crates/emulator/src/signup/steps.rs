//! The steps of the dialog: their order, what each shows, and what is wrong with an answer.

use serde_json::{Map, Value};

use super::complete::Choices;
use super::fields::{Fields, extras, field};
use super::pages::{Choice, Frame, Pair, StepView};
use super::texts::Language;
use crate::world::scenario::Outcome;
use crate::world::{VERIFICATION_CODE, World};

/// A step of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Choose or create a portfolio.
    Business,
    /// Choose or create a messaging account.
    Account,
    /// Choose or add a number.
    Number,
    /// Prove a new number.
    Verify,
    /// Review and share.
    Grant,
}

/// Fields a person types or chooses, by the step that shows them.
const ANSWERS: &[(Step, &[&str])] = &[
    (Step::Business, &["business_id", "business_name", "country"]),
    (Step::Account, &["waba_id", "account_name", "currency"]),
    (Step::Number, &["phone_number_id", "phone", "display_name"]),
];

/// Fields that belong to one post alone.
const PASSING: &[&str] = &["step", "go", "otp"];

impl Step {
    /// The step with this name; the first for any other.
    pub fn named(name: &str) -> Self {
        match name {
            "account" => Self::Account,
            "number" => Self::Number,
            "verify" => Self::Verify,
            "grant" => Self::Grant,
            _ => Self::Business,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Account => "account",
            Self::Number => "number",
            Self::Verify => "verify",
            Self::Grant => "grant",
        }
    }

    /// `current_step` of a cancellation here.
    pub fn current_step(self) -> &'static str {
        match self {
            Self::Business => "BUSINESS_ACCOUNT_SELECTION",
            Self::Account => "WABA_PHONE_PROFILE_PICKER",
            Self::Number => "PHONE_NUMBER_SETUP",
            Self::Verify => "PHONE_NUMBER_VERIFICATION",
            Self::Grant => "PERMISSIONS",
        }
    }

    /// The step after this one; `None` after the last.
    pub fn after(self, fields: &Fields) -> Option<Self> {
        let path = path(fields);
        path.iter().position(|step| *step == self).and_then(|at| path.get(at + 1).copied())
    }

    /// The step before this one; the first stays where it is.
    pub fn before(self, fields: &Fields) -> Self {
        let path = path(fields);
        let at = path.iter().position(|step| *step == self).unwrap_or(0);
        path[at.saturating_sub(1)]
    }
}

/// The steps of this run: only a new number, or one of the phone app, is proved.
fn path(fields: &Fields) -> Vec<Step> {
    let mut path = vec![Step::Business, Step::Account, Step::Number];
    if field(fields, "phone_number_id") == "new" || outcome(fields) == Outcome::Coexistence {
        path.push(Step::Verify);
    }
    path.push(Step::Grant);
    path
}

/// What finishing means: the flow that the page asked for, and whether a number was chosen.
pub fn outcome(fields: &Fields) -> Outcome {
    let extras = extras(fields);
    let app_only = extras["features"]
        .as_array()
        .is_some_and(|features| features.iter().any(|feature| feature["name"] == "app_only_install"));
    if extras["featureType"] == "whatsapp_business_app_onboarding" {
        Outcome::Coexistence
    } else if app_only {
        Outcome::AppOnly
    } else if field(fields, "phone_number_id") == "none" {
        Outcome::FinishOnlyWaba
    } else {
        Outcome::Finish
    }
}

/// The answers as choices.
pub fn choices(fields: &Fields) -> Choices {
    let text = |name: &str| Some(field(fields, name).trim().to_owned()).filter(|text| !text.is_empty());
    let id = |name: &str| text(name).filter(|id| id != "new" && id != "none");
    let new = |name: &str, chooser: &str| text(name).filter(|_| field(fields, chooser) == "new");
    Choices {
        business_id: id("business_id"),
        business_name: new("business_name", "business_id"),
        country: new("country", "business_id").map(|country| country.to_ascii_uppercase()),
        waba_id: id("waba_id"),
        account_name: new("account_name", "waba_id"),
        currency: new("currency", "waba_id").map(|currency| currency.to_ascii_uppercase()),
        phone_number_id: id("phone_number_id"),
        phone: new("phone", "phone_number_id"),
        display_name: new("display_name", "phone_number_id"),
    }
}

/// The text that says what is wrong with the answer to a step, if something is.
pub fn problem(world: &World, step: Step, fields: &Fields) -> Option<&'static str> {
    let empty = |name: &str| field(fields, name).trim().is_empty();
    let new = |name: &str| field(fields, name) == "new";
    match step {
        Step::Business if empty("business_id") => Some("choose_one"),
        Step::Business if new("business_id") && empty("business_name") => Some("business_name_missing"),
        Step::Account if empty("waba_id") => Some("choose_one"),
        Step::Account if new("waba_id") && empty("account_name") => Some("account_name_missing"),
        Step::Number if empty("phone_number_id") => Some("choose_one"),
        Step::Number if new("phone_number_id") => {
            let digits: String = field(fields, "phone").chars().filter(char::is_ascii_digit).collect();
            if !(7..=15).contains(&digits.len()) {
                return Some("phone_missing");
            }
            world.numbers.values().any(|number| number.phone == digits).then_some("phone_taken")
        }
        Step::Verify if field(fields, "otp").trim().replace('-', "") != VERIFICATION_CODE => {
            Some("otp_wrong")
        }
        _ => None,
    }
}

/// What a person typed so far, with what the page pre-filled.
pub fn typed(fields: &Fields) -> Map<String, Value> {
    let setup = &extras(fields)["setup"];
    let prefilled = |name: &str| match name {
        "business_name" => setup["business"]["name"].as_str().map(str::to_owned),
        "country" => setup["business"]["address"]["country"].as_str().map(str::to_owned),
        "display_name" => setup["phone"]["displayName"].as_str().map(str::to_owned),
        _ => None,
    };
    ANSWERS
        .iter()
        .flat_map(|(_, names)| names.iter())
        .map(|name| {
            let value = fields.get(*name).cloned().or_else(|| prefilled(name)).unwrap_or_default();
            ((*name).to_owned(), Value::String(value))
        })
        .collect()
}

/// What a step shows.
pub fn view(
    world: &World,
    language: Language,
    fields: &Fields,
    step: Step,
    problem: Option<&str>,
    action: &str,
) -> (Frame, StepView) {
    let app = world.apps.get(field(fields, "client_id")).map_or("", |app| app.name.as_str());
    let path = path(fields);
    let at = path.iter().position(|other| *other == step).unwrap_or(0) + 1;
    let phone = phone(world, fields);
    let frame = Frame {
        title: language.say(&format!("{}_title", step.name()), &[]),
        lead: language.say(&format!("{}_lead", step.name()), &[("app", app), ("phone", &phone)]),
        progress: language.say("progress", &[("step", &at.to_string()), ("steps", &path.len().to_string())]),
        problem: problem.map(|key| language.say(key, &[])),
    };
    let coexistence = outcome(fields) == Outcome::Coexistence;
    let options = options(world, fields, step);
    let chosen = match (ANSWERS.iter().find(|(owner, _)| *owner == step), options.first()) {
        (Some((_, names)), first) => {
            let before = field(fields, names[0]);
            let known =
                ["new", "none"].contains(&before) || options.iter().any(|option| option.value == before);
            match first {
                _ if known => before.to_owned(),
                Some(first) => first.value.clone(),
                None => "new".to_owned(),
            }
        }
        (None, _) => String::new(),
    };
    let view = StepView {
        step: step.name(),
        action: action.to_owned(),
        carried: carried(fields, step),
        options,
        chosen,
        number_new: language.say(if coexistence { "number_app" } else { "number_new" }, &[]),
        may_skip: !world.rules().onboarding.account_model_evolution && !coexistence,
        code: VERIFICATION_CODE,
        code_note: language.say(if coexistence { "verify_app_note" } else { "verify_note" }, &[]),
        summary: if step == Step::Grant { summary(world, language, fields, app) } else { Vec::new() },
    };
    (frame, view)
}

/// Everything but what this step asks anew.
fn carried(fields: &Fields, step: Step) -> Vec<Pair> {
    let own = ANSWERS.iter().find(|(owner, _)| *owner == step).map_or(&[][..], |(_, names)| names);
    let kept = fields.iter().filter(|(name, value)| {
        !value.is_empty() && !own.contains(&name.as_str()) && !PASSING.contains(&name.as_str())
    });
    let mut carried: Vec<Pair> =
        kept.map(|(name, value)| Pair { name: name.clone(), value: value.clone() }).collect();
    carried.push(Pair { name: "step".into(), value: step.name().into() });
    carried
}

fn options(world: &World, fields: &Fields, step: Step) -> Vec<Choice> {
    match step {
        Step::Business => {
            let partner = |id: &str| world.apps.values().any(|app| app.portfolio_id == id);
            let clients = world.portfolios.values().filter(|portfolio| !partner(&portfolio.id));
            clients
                .map(|portfolio| Choice {
                    value: portfolio.id.clone(),
                    label: portfolio.name.clone(),
                    hint: format!("{} · {}", portfolio.id, portfolio.country),
                })
                .collect()
        }
        Step::Account => {
            let business = field(fields, "business_id");
            let own = world.accounts.values().filter(|account| account.owner_id == business);
            own.map(|account| Choice {
                value: account.id.clone(),
                label: account.name.clone(),
                hint: format!("{} · {}", account.id, account.currency),
            })
            .collect()
        }
        Step::Number => {
            let account = field(fields, "waba_id");
            let own = world.numbers.values().filter(|it| it.account_id == account && it.status != "MIGRATED");
            own.map(|number| Choice {
                value: number.id.clone(),
                label: number.display.clone(),
                hint: format!("{} · {}", number.verified_name, number.status),
            })
            .collect()
        }
        Step::Verify | Step::Grant => Vec::new(),
    }
}

/// The number of this run as people read it.
fn phone(world: &World, fields: &Fields) -> String {
    let known = world.numbers.get(field(fields, "phone_number_id"));
    known.map_or_else(|| field(fields, "phone").to_owned(), |number| number.display.clone())
}

fn summary(world: &World, language: Language, fields: &Fields, app: &str) -> Vec<Pair> {
    let business = world.portfolios.get(field(fields, "business_id")).map(|row| row.name.clone());
    let account = world.accounts.get(field(fields, "waba_id")).map(|row| row.name.clone());
    let number = if field(fields, "phone_number_id") == "none" {
        language.say("no_number", &[])
    } else {
        phone(world, fields)
    };
    let typed = |name: &str| field(fields, name).to_owned();
    let line = |key: &str, value: String| Pair { name: language.say(key, &[]), value };
    vec![
        line("summary_app", app.to_owned()),
        line("summary_business", business.unwrap_or_else(|| typed("business_name"))),
        line("summary_account", account.unwrap_or_else(|| typed("account_name"))),
        line("summary_number", number),
    ]
}
