//! Enums that travel as short lower-case words: in the API, in the database and in logs alike.

/// Declares an enum with one stable word per variant, and everything that reads or writes that word.
///
/// The word is a contract: it is stored and published, so a variant may be renamed but its word may not.
#[macro_export]
macro_rules! text_enum {
    ($(#[doc = $about:literal])* $vis:vis enum $name:ident {
        $($(#[doc = $meaning:literal])* $variant:ident = $word:literal,)+
    }) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[doc = $meaning])* #[serde(rename = $word)] $variant,)+ }

        // Written out, because utoipa's derive does not see a word that comes from a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let about = concat!($($about, "\n",)* $("\n- `", $word, "`:", $($meaning,)*)+);
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .description(Some(about.trim()))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }

        impl $name {
            /// Every variant, in declaration order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stable word of this variant.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok($name::$variant),)+
                    other => Err($crate::UnknownWord { kind: stringify!($name), word: other.to_owned() }),
                }
            }
        }

        $crate::sql_text!($name);
    };
}

/// A word that none of an enum's variants has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{word:?} is not a {kind}")]
pub struct UnknownWord {
    /// The enum that was asked for.
    pub kind: &'static str,
    /// What stood there instead.
    pub word: String,
}

/// Stores a type through its `as_str`/`FromStr` word on any database.
#[cfg(feature = "sqlx")]
#[doc(hidden)]
#[macro_export]
macro_rules! sql_text {
    ($name:ident) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }
            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(ty)
            }
        }
        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buf: &mut <DB as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, DB>>::encode(self.as_str().to_owned(), buf)
            }
        }
        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            String: sqlx::Decode<'r, DB>,
        {
            fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<String as sqlx::Decode<'r, DB>>::decode(value)?.parse()?)
            }
        }
    };
}

/// Without a database there is nothing to add.
#[cfg(not(feature = "sqlx"))]
#[doc(hidden)]
#[macro_export]
macro_rules! sql_text {
    ($name:ident) => {};
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema as _;

    use crate::role::Role;

    #[test]
    fn the_api_document_has_the_words_that_are_sent() {
        let schema = serde_json::to_value(Role::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::to_value(Role::ALL).unwrap());
        assert!(schema["description"].as_str().unwrap().contains("- `agent`: Works the inbox."), "{schema}");
    }
}
