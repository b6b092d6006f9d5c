//! A row read as a person: what it says, or what is wrong with it.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rules::consent::{Channel, ConsentAction, Purpose};
use rules::identity::Phone;
use rules::import::{ImportField, RowFault};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};

use super::cells;
use super::plan::Plan;
use crate::contacts::{are_labels, is_email, is_language_tag, is_timezone};

/// What a row says of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub phone: Phone,
    pub name: Option<String>,
    pub email: Option<String>,
    pub language: Option<String>,
    pub timezone: Option<String>,
    pub labels: Vec<String>,
    pub consents: Vec<Said>,
}

/// A yes or no to one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Where it stands, from 0; `None`: it is declared of the whole file.
    pub column: Option<usize>,
    pub channel: Channel,
    pub purpose: Purpose,
    pub action: ConsentAction,
    /// When, where the row itself says so. What is declared of a file says nothing about one person's day.
    pub on_its_own: Option<Timestamp>,
    pub at: Option<Timestamp>,
    pub how: Option<String>,
    pub wording: Option<String>,
    /// It is declared of the whole file.
    pub declared: bool,
}

/// What is wrong with a row, or worth knowing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fault {
    /// The column, from 0; `None`: the row as a whole.
    pub column: Option<usize>,
    pub code: RowFault,
}

/// How cells are to be read.
pub(super) struct Reading<'a> {
    pub plan: &'a Plan,
    /// Where numbers without a country code are from.
    pub country: &'a str,
    /// Where days without a time zone are.
    pub timezone: &'a TimeZone,
    pub now: Timestamp,
}

impl Reading<'_> {
    /// What a row says, or everything that is wrong with it.
    pub fn person(&self, cells: &[String]) -> Result<Person, Vec<Fault>> {
        let mut faults = Vec::new();
        let phone = self.phone(cells).map_err(|fault| faults.push(fault)).ok();
        let mut checked = |field, code, fits: &dyn Fn(&str) -> bool| {
            let (column, text) = self.cell(cells, field)?;
            if fits(text) {
                return Some(text.to_owned());
            }
            faults.push(Fault { column: Some(column), code });
            None
        };
        let name = checked(ImportField::Name, RowFault::NameTooLong, &|name| name.chars().count() <= 200);
        let email =
            checked(ImportField::Email, RowFault::EmailWrong, &is_email).map(|email| email.to_lowercase());
        let language = checked(ImportField::Language, RowFault::LanguageWrong, &is_language_tag);
        let timezone = checked(ImportField::Timezone, RowFault::TimezoneWrong, &is_timezone);
        let labels = self.labels(cells).map_err(|fault| faults.push(fault)).unwrap_or_default();
        let consents = self.consents(cells, &mut faults);
        match phone {
            Some(phone) if faults.is_empty() => {
                Ok(Person { phone, name, email, language, timezone, labels, consents })
            }
            _ => Err(faults),
        }
    }

    /// A cell that holds anything, and where it stands.
    fn cell<'c>(&self, cells: &'c [String], field: ImportField) -> Option<(usize, &'c str)> {
        let column = self.plan.column(field)?;
        let text = cells.get(column)?.trim();
        (!text.is_empty()).then_some((column, text))
    }

    fn phone(&self, cells: &[String]) -> Result<Phone, Fault> {
        let column = self.plan.column(ImportField::Phone);
        let Some((_, text)) = self.cell(cells, ImportField::Phone) else {
            return Err(Fault { column, code: RowFault::PhoneMissing });
        };
        cells::phone(text, self.country).ok_or(Fault { column, code: RowFault::PhoneWrong })
    }

    fn labels(&self, cells: &[String]) -> Result<Vec<String>, Fault> {
        let Some((column, text)) = self.cell(cells, ImportField::Labels) else {
            return Ok(self.plan.labels.clone());
        };
        let own = text.split([',', ';', '|']).map(str::trim).filter(|label| !label.is_empty());
        let labels: Vec<String> = own.map(str::to_owned).chain(self.plan.labels.iter().cloned()).collect();
        are_labels(&labels, &()).map_err(|_| Fault { column: Some(column), code: RowFault::LabelsWrong })?;
        Ok(labels)
    }

    fn consents(&self, cells: &[String], faults: &mut Vec<Fault>) -> Vec<Said> {
        let at =
            self.cell(cells, ImportField::ConsentAt).and_then(|(column, text)| match self.moment(text) {
                Some(at) if at <= self.now + span::days(1) => Some(at.min(self.now)),
                found => {
                    let code = if found.is_some() { RowFault::DateInFuture } else { RowFault::DateWrong };
                    faults.push(Fault { column: Some(column), code });
                    None
                }
            });
        let channel = match self.cell(cells, ImportField::ConsentChannel) {
            None => Channel::Whatsapp,
            Some((column, text)) => channel(text).unwrap_or_else(|| {
                faults.push(Fault { column: Some(column), code: RowFault::ChannelWrong });
                Channel::Whatsapp
            }),
        };
        let text_of =
            |field| self.cell(cells, field).map(|(_, text)| text.chars().take(2000).collect::<String>());
        let (how, wording) = (text_of(ImportField::ConsentHow), text_of(ImportField::ConsentWording));
        let declared = self.plan.declared.as_ref();
        let mut consents = Vec::new();
        for purpose in Purpose::ALL {
            let field = match purpose {
                Purpose::Utility => ImportField::Utility,
                Purpose::Marketing => ImportField::Marketing,
                Purpose::Authentication => ImportField::Authentication,
            };
            if self.plan.column(field).is_some() {
                let Some((column, text)) = self.cell(cells, field) else { continue };
                let Some(agrees) = cells::yes_or_no(text) else {
                    faults.push(Fault { column: Some(column), code: RowFault::ConsentWrong });
                    continue;
                };
                let action = if agrees { ConsentAction::OptIn } else { ConsentAction::OptOut };
                let proven = how.is_some() || wording.is_some() || declared.is_some();
                if action == ConsentAction::OptIn && !proven {
                    faults.push(Fault { column: Some(column), code: RowFault::EvidenceMissing });
                    continue;
                }
                let how = how.clone().or_else(|| declared.map(|declared| declared.how.clone()));
                let wording =
                    wording.clone().or_else(|| declared.and_then(|declared| declared.wording.clone()));
                consents.push(Said {
                    column: Some(column),
                    channel,
                    purpose: *purpose,
                    action,
                    on_its_own: at,
                    at,
                    how,
                    wording,
                    declared: false,
                });
            } else if let Some(declared) = declared.filter(|declared| declared.purposes.contains(purpose)) {
                consents.push(Said {
                    column: None,
                    channel,
                    purpose: *purpose,
                    action: ConsentAction::OptIn,
                    on_its_own: at,
                    at: at.or(declared.at),
                    how: Some(declared.how.clone()),
                    wording: wording.clone().or_else(|| declared.wording.clone()),
                    declared: true,
                });
            }
        }
        consents
    }

    /// A moment, or the beginning of a day where the organisation is. Days come before months, but in ISO 8601.
    fn moment(&self, text: &str) -> Option<Timestamp> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Timestamp(at.as_microsecond()));
        }
        let at =
            text.parse::<DateTime>().ok().or_else(|| cells::day(text).map(|date| date.at(0, 0, 0, 0)))?;
        let at = self.timezone.to_ambiguous_zoned(at).compatible().ok()?;
        Some(Timestamp(at.timestamp().as_microsecond()))
    }
}

/// As people call it in tables, in English and Indonesian.
fn channel(text: &str) -> Option<Channel> {
    match text.to_lowercase().as_str() {
        "whatsapp" | "wa" => Some(Channel::Whatsapp),
        "sms" | "text" => Some(Channel::Sms),
        "email" | "e-mail" | "mail" | "surel" => Some(Channel::Email),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Declared;
    use super::*;

    const NOW: Timestamp = Timestamp(1_770_000_000_000_000);

    fn read(columns: &[ImportField], cells: &[&str]) -> Result<Person, Vec<RowFault>> {
        read_declared(columns, cells, None)
    }

    fn read_declared(
        columns: &[ImportField],
        cells: &[&str],
        declared: Option<Declared>,
    ) -> Result<Person, Vec<RowFault>> {
        let plan = Plan {
            columns: columns.iter().copied().map(Some).collect(),
            labels: vec!["impor".into()],
            declared,
        };
        let timezone = TimeZone::get("Asia/Jakarta").unwrap();
        let reading = Reading { plan: &plan, country: "ID", timezone: &timezone, now: NOW };
        let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
        reading.person(&cells).map_err(|faults| faults.into_iter().map(|fault| fault.code).collect())
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        use ImportField::Phone;
        for text in ["0812-3456-7890", "+62 812 3456 7890", "6281234567890", "'081234567890", "81234567890"] {
            assert_eq!(read(&[Phone], &[text]).unwrap().phone.digits(), "6281234567890", "{text}");
        }
        assert_eq!(read(&[Phone], &["+44 7700 900123"]).unwrap().phone.digits(), "447700900123");
        assert_eq!(read(&[Phone], &["-"]), Err(vec![RowFault::PhoneWrong]));
        assert_eq!(read(&[Phone], &[" "]), Err(vec![RowFault::PhoneMissing]));
    }

    #[test]
    fn every_fault_of_a_row_is_told_at_once() {
        use ImportField::{ConsentAt, Email, Marketing, Phone, Timezone};
        let columns = [Phone, Email, Timezone, Marketing, ConsentAt];
        assert_eq!(
            read(&columns, &["x", "sari@", "Mars/Base", "mungkin", "kemarin"]),
            Err(vec![
                RowFault::PhoneWrong,
                RowFault::EmailWrong,
                RowFault::TimezoneWrong,
                RowFault::DateWrong,
                RowFault::ConsentWrong
            ])
        );
        assert_eq!(
            read(&columns, &["081234567890", "", "", "ya", "1/1/2090"]),
            Err(vec![RowFault::DateInFuture, RowFault::EvidenceMissing])
        );
    }

    #[test]
    fn a_yes_needs_how_it_was_given_and_a_no_nothing() {
        use ImportField::{ConsentAt, ConsentHow, Marketing, Phone};
        let columns = [Phone, Marketing, ConsentAt, ConsentHow];
        let person = read(&columns, &["081234567890", "ya", "31/01/2025", "Formulir toko"]).unwrap();
        let said = &person.consents[0];
        assert_eq!((said.purpose, said.action), (Purpose::Marketing, ConsentAction::OptIn));
        let midnight = "2025-01-30T17:00:00Z".parse::<jiff::Timestamp>().unwrap();
        assert_eq!(said.at, Some(Timestamp(midnight.as_microsecond())));
        let person = read(&columns, &["081234567890", "tidak", "", ""]).unwrap();
        assert_eq!(person.consents[0].action, ConsentAction::OptOut);
        assert!(read(&columns, &["081234567890", "", "", ""]).unwrap().consents.is_empty());
    }

    #[test]
    fn consent_is_for_whatsapp_unless_a_column_names_another_channel() {
        use ImportField::{ConsentChannel, Marketing, Phone};
        let columns = [Phone, Marketing, ConsentChannel];
        for (text, channel) in [
            ("", Channel::Whatsapp),
            ("WA", Channel::Whatsapp),
            ("Surel", Channel::Email),
            ("sms", Channel::Sms),
        ] {
            let person = read(&columns, &["081234567890", "tidak", text]).unwrap();
            assert_eq!(person.consents[0].channel, channel, "{text}");
        }
        assert_eq!(read(&columns, &["081234567890", "tidak", "merpati"]), Err(vec![RowFault::ChannelWrong]));
    }

    #[test]
    fn what_is_declared_holds_for_those_whose_row_says_nothing() {
        use ImportField::{Marketing, Phone};
        let declared = Declared {
            purposes: vec![Purpose::Utility, Purpose::Marketing],
            how: "Formulir toko".into(),
            wording: None,
            at: Some(Timestamp(5)),
        };
        let person = read_declared(&[Phone, Marketing], &["081234567890", "tidak"], Some(declared)).unwrap();
        let said: Vec<_> =
            person.consents.iter().map(|said| (said.purpose, said.action, said.declared)).collect();
        assert_eq!(
            said,
            [
                (Purpose::Utility, ConsentAction::OptIn, true),
                (Purpose::Marketing, ConsentAction::OptOut, false)
            ]
        );
        assert_eq!((person.consents[0].at, person.consents[0].on_its_own), (Some(Timestamp(5)), None));
        assert_eq!(person.labels, ["impor"]);
    }
}
