//! Look-ups that the tables' keys do not give: people by phone and BSUID, templates by name.
//!
//! Derived; rebuilt after loading. People and templates are therefore saved through [`World::save_person`] and
//! [`World::save_template`] whenever a phone, a BSUID or a name changes.

use std::collections::HashMap;

use super::{Person, Template, World};

/// The look-ups.
#[derive(Debug, Default)]
pub struct Directory {
    phones: HashMap<String, String>,
    bsuids: HashMap<String, String>,
    templates: HashMap<(String, String, String), String>,
}

fn template_key(template: &Template) -> (String, String, String) {
    (template.account_id.clone(), template.name.clone(), template.language.clone())
}

impl Directory {
    fn enter_person(&mut self, person: &Person) {
        if !person.phone.is_empty() {
            self.phones.insert(person.phone.clone(), person.id.clone());
        }
        for bsuid in person.bsuids.values() {
            self.bsuids.insert(bsuid.clone(), person.id.clone());
        }
    }

    fn strike_person(&mut self, person: &Person) {
        if self.phones.get(&person.phone).is_some_and(|id| *id == person.id) {
            self.phones.remove(&person.phone);
        }
        for bsuid in person.bsuids.values() {
            self.bsuids.remove(bsuid);
        }
    }

    pub(super) fn of(world: &World) -> Self {
        let mut directory = Self::default();
        world.people.values().for_each(|person| directory.enter_person(person));
        for template in world.templates.values() {
            directory.templates.insert(template_key(template), template.id.clone());
        }
        directory
    }
}

impl World {
    /// Adds or replaces a person.
    pub fn save_person(&mut self, person: Person) {
        if let Some(before) = self.people.get(&person.id) {
            self.directory.strike_person(before);
        }
        self.directory.enter_person(&person);
        self.people.put(person.id.clone(), person);
    }

    /// The person with this phone number (digits).
    pub fn person_by_phone(&self, phone: &str) -> Option<&Person> {
        self.people.get(self.directory.phones.get(phone)?)
    }

    /// The person whom this BSUID names in this portfolio.
    pub fn person_by_bsuid(&self, portfolio_id: &str, bsuid: &str) -> Option<&Person> {
        let person = self.people.get(self.directory.bsuids.get(bsuid)?)?;
        person.bsuids.get(portfolio_id).is_some_and(|own| own == bsuid).then_some(person)
    }

    /// Adds or replaces a template.
    pub fn save_template(&mut self, template: Template) {
        self.directory.templates.insert(template_key(&template), template.id.clone());
        self.templates.put(template.id.clone(), template);
    }

    /// Takes a template out.
    pub fn remove_template(&mut self, id: &str) -> Option<Template> {
        let template = self.templates.remove(id)?;
        self.directory.templates.remove(&template_key(&template));
        Some(template)
    }

    /// The template of a messaging account with this name and language.
    pub fn template(&self, account_id: &str, name: &str, language: &str) -> Option<&Template> {
        let key = (account_id.to_owned(), name.to_owned(), language.to_owned());
        self.templates.get(self.directory.templates.get(&key)?)
    }
}
