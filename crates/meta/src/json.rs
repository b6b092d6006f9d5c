//! Reading JSON that somebody else may change at any time: nothing here fails because of an unknown member,
//! an unexpected type or an empty string.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of one JSON object, in the order received, values still unparsed and borrowed.
/// Of members with the same name the last one counts.
#[derive(Default, Clone)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Opens an object; `None` when the value is something else.
    pub fn open(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// A member as it stands; `null` counts as absent.
    pub fn raw(&self, name: &str) -> Option<&'a RawValue> {
        let (_, raw) = self.0.iter().rev().find(|(key, _)| key == name)?;
        (raw.get() != "null").then_some(raw)
    }

    /// A string, or a number in its own digits. Empty counts as absent.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        scalar(self.raw(name)?)
    }

    /// The same, owned.
    pub fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    /// A whole number, written as a number or as a string.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A number with a fraction, written as a number or as a string.
    pub fn float(&self, name: &str) -> Option<f64> {
        self.text(name)?.trim().parse().ok()
    }

    /// `true`, `false`, or either of them as a string.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.raw(name)?.get() {
            "true" | "\"true\"" => Some(true),
            "false" | "\"false\"" => Some(false),
            _ => None,
        }
    }

    /// A nested object.
    pub fn object(&self, name: &str) -> Option<Members<'a>> {
        Members::open(self.raw(name)?)
    }

    /// The elements of a list; empty when there is none.
    pub fn list(&self, name: &str) -> Vec<&'a RawValue> {
        self.raw(name).and_then(elements).unwrap_or_default()
    }

    /// The objects among the elements of a list.
    pub fn objects(&self, name: &str) -> Vec<Members<'a>> {
        self.list(name).into_iter().filter_map(Members::open).collect()
    }

    /// The strings and numbers among the elements of a list.
    pub fn strings(&self, name: &str) -> Vec<String> {
        self.list(name).into_iter().filter_map(scalar).map(Cow::into_owned).collect()
    }

    /// All members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, raw)| (name.as_ref(), *raw))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some((Name(name), raw)) = map.next_entry()? {
                    members.push((name, raw));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A member's name, borrowed unless it holds escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The elements of a JSON list, unparsed; `None` when the value is something else.
pub(crate) fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// The text of a JSON string, or the digits of a JSON number as written. Empty counts as absent.
pub(crate) fn scalar(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    let text = match json.as_bytes().first()? {
        b'"' if json.contains('\\') => Cow::Owned(unescape(json)?),
        b'"' => Cow::Borrowed(&json[1..json.len() - 1]),
        b'-' | b'0'..=b'9' => Cow::Borrowed(json),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Decodes a JSON string. Half of a surrogate pair (a text cut in the middle of an emoji) becomes U+FFFD
/// instead of spoiling the message.
fn unescape(json: &str) -> Option<String> {
    if let Ok(text) = serde_json::from_str(json) {
        return Some(text);
    }
    let bytes: LooseBytes = serde_json::from_str(json).ok()?;
    Some(String::from_utf8_lossy(&bytes.0).into_owned())
}

/// A JSON string as bytes: serde_json passes lone surrogates through when bytes are asked for.
struct LooseBytes(Vec<u8>);

impl<'de> Deserialize<'de> for LooseBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = LooseBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(LooseBytes(bytes.to_vec()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(LooseBytes(text.as_bytes().to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn ids_and_times_may_be_strings_or_numbers() {
        let object = raw(r#"{"a":"12","b":12,"c":"","d":null,"e":{},"f":-3,"g":"x\/y","h":1.5}"#);
        let members = Members::open(&object).unwrap();
        assert_eq!(members.text("a").as_deref(), Some("12"));
        assert_eq!(members.text("b").as_deref(), Some("12"));
        assert_eq!(members.integer("a"), Some(12));
        assert_eq!(members.integer("f"), Some(-3));
        assert_eq!(members.text("g").as_deref(), Some("x/y"));
        assert_eq!(members.float("h"), Some(1.5));
        for absent in ["c", "d", "e", "nowhere"] {
            assert_eq!(members.text(absent), None, "{absent}");
        }
    }

    #[test]
    fn half_an_emoji_does_not_spoil_the_text() {
        let object = raw(r#"{"cut":"Hi \ud83d","whole":"\ud83d\udc4d","odd":"\udc4d!"}"#);
        let members = Members::open(&object).unwrap();
        assert!(members.text("cut").unwrap().starts_with("Hi \u{fffd}"));
        assert_eq!(members.text("whole").as_deref(), Some("👍"));
        assert!(members.text("odd").unwrap().ends_with('!'));
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        let object = raw(r#"{"id":"1","id":"2"}"#);
        assert_eq!(Members::open(&object).unwrap().text("id").as_deref(), Some("2"));
        assert!(Members::open(&raw("[1]")).is_none());
    }
}
