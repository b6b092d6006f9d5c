//! What the controls call people and numbers by.

use super::ControlError;
use crate::world::World;

/// The id of the person named by id, phone number, username or BSUID.
pub fn person(world: &World, name: &str) -> Result<String, ControlError> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let by_id = world.people.get(name);
    let by_phone = || world.person_by_phone(name).or_else(|| world.person_by_phone(&digits));
    let by_name = || {
        let wanted = name.trim_start_matches('@');
        world.people.values().find(|person| {
            person.username.as_deref() == Some(wanted) || person.bsuids.values().any(|bsuid| bsuid == name)
        })
    };
    let found = by_id.or_else(by_phone).or_else(by_name).map(|person| person.id.clone());
    found.ok_or_else(|| {
        ControlError::missing(format!("There is no person {name:?}; make one with POST /_emulator/people."))
    })
}

/// The id of the number named by id or phone number.
pub fn number(world: &World, name: &str) -> Result<String, ControlError> {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let by_id = world.numbers.get(name);
    let found = by_id.or_else(|| world.numbers.values().find(|number| number.phone == digits));
    found.map(|number| number.id.clone()).ok_or_else(|| {
        ControlError::missing(format!("There is no number {name:?}; GET /_emulator/world lists them."))
    })
}

/// The number named, or the only one that is registered.
pub fn number_or_only(world: &World, name: Option<&str>) -> Result<String, ControlError> {
    if let Some(name) = name {
        return number(world, name);
    }
    let mut registered = world.numbers.values().filter(|number| number.registered());
    match (registered.next(), registered.next()) {
        (Some(only), None) => Ok(only.id.clone()),
        _ => Err(ControlError::wrong("Say which number: its id or phone number.")),
    }
}
