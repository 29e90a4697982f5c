//! Values of the SDK as JSON named as the API names it, and back: one table per type serves both ways, so that what was
//! looked at can be written again.

use std::collections::HashMap;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::operation::BuildError;
use serde_json::Value;

mod cloudtrail;
mod cloudwatch;
mod config;
mod lifecycle;
mod logs;
mod s3;
mod tags;

pub(crate) use tags::tag_object;

/// Why JSON is no input that the SDK can send: the member, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub(crate) String);

impl Invalid {
    fn is_no(kind: &str) -> Self {
        Self(format!("is no {kind}"))
    }

    fn within(self, name: &str) -> Self {
        Self(if self.0.starts_with("is ") { format!("{name} {}", self.0) } else { format!("{name}.{}", self.0) })
    }
}

impl From<BuildError> for Invalid {
    fn from(error: BuildError) -> Self {
        Self(format!("is incomplete: {error}"))
    }
}

/// A value of the SDK that can be shown as JSON and read from it.
pub(crate) trait Shape: Sized {
    /// As JSON. Members that are not set, and lists without items, are left out.
    fn show(&self) -> Value;

    /// From JSON; refuses what the type has no place for.
    fn read(value: &Value) -> Result<Self, Invalid>;
}

impl<T: Shape> Shape for Option<T> {
    fn show(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::show)
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        if value.is_null() { Ok(None) } else { T::read(value).map(Some) }
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn show(&self) -> Value {
        Value::Array(self.iter().map(T::show).collect())
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        let items = value.as_array().ok_or_else(|| Invalid::is_no("list"))?;
        let item = |(index, item)| T::read(item).map_err(|error| error.within(&format!("{index}")));
        items.iter().enumerate().map(item).collect()
    }
}

impl<T: Shape> Shape for HashMap<String, T> {
    fn show(&self) -> Value {
        Value::Object(self.iter().map(|(name, member)| (name.clone(), member.show())).collect())
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        let members = value.as_object().ok_or_else(|| Invalid::is_no("object"))?;
        let member = |(name, member): (&String, _)| match T::read(member) {
            Ok(member) => Ok((name.clone(), member)),
            Err(error) => Err(error.within(name)),
        };
        members.iter().map(member).collect()
    }
}

impl Shape for String {
    fn show(&self) -> Value {
        Value::from(self.as_str())
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        value.as_str().map(str::to_owned).ok_or_else(|| Invalid::is_no("text"))
    }
}

impl Shape for bool {
    fn show(&self) -> Value {
        Value::from(*self)
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        value.as_bool().ok_or_else(|| Invalid::is_no("boolean"))
    }
}

impl Shape for i64 {
    fn show(&self) -> Value {
        Value::from(*self)
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        value.as_i64().ok_or_else(|| Invalid::is_no("whole number"))
    }
}

impl Shape for i32 {
    fn show(&self) -> Value {
        Value::from(*self)
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        i64::read(value)?.try_into().map_err(|_| Invalid::is_no("number of 32 bits"))
    }
}

impl Shape for f64 {
    fn show(&self) -> Value {
        Value::from(*self)
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        value.as_f64().ok_or_else(|| Invalid::is_no("number"))
    }
}

/// RFC 3339.
impl Shape for DateTime {
    fn show(&self) -> Value {
        self.fmt(Format::DateTime).map_or(Value::Null, Value::String)
    }

    fn read(value: &Value) -> Result<Self, Invalid> {
        let text = value.as_str().ok_or_else(|| Invalid::is_no("text"))?;
        Self::from_str(text, Format::DateTimeWithOffset).map_err(|_| Invalid::is_no("time"))
    }
}

/// An object of the members that are set.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let is_set =
        |(_, member): &(&str, Value)| !member.is_null() && member.as_array().is_none_or(|list| !list.is_empty());
    Value::Object(members.into_iter().filter(is_set).map(|(name, member)| (name.to_owned(), member)).collect())
}

/// Refuses what is no object, and a member that nobody knows.
pub(crate) fn check(value: &Value, known: &[&str]) -> Result<(), Invalid> {
    let members = value.as_object().ok_or_else(|| Invalid::is_no("object"))?;
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(stray) => Err(Invalid::is_no("member of this input").within(stray)),
        None => Ok(()),
    }
}

/// One member of an object; none when it is not there.
pub(crate) fn member<T: Shape>(value: &Value, name: &str) -> Result<Option<T>, Invalid> {
    value.get(name).map_or(Ok(None), Option::<T>::read).map_err(|error| error.within(name))
}

/// What a builder built, whether or not it can fail.
pub(crate) trait Built<T> {
    /// The value, or what it lacks.
    fn built(self) -> Result<T, Invalid>;
}

impl<T> Built<T> for T {
    fn built(self) -> Result<T, Invalid> {
        Ok(self)
    }
}

impl<T> Built<T> for Result<T, BuildError> {
    fn built(self) -> Result<T, Invalid> {
        Ok(self?)
    }
}

/// Structures: the API's name of each member, its field, and the setter of its builder.
macro_rules! shapes {
    ($($(#[$attribute:meta])* $kind:ty { $($name:literal $field:ident $set:ident,)* })+) => {$(
        $(#[$attribute])*
        impl $crate::shape::Shape for $kind {
            fn show(&self) -> serde_json::Value {
                $crate::shape::object([$(($name, $crate::shape::Shape::show(&self.$field))),*])
            }

            fn read(value: &serde_json::Value) -> Result<Self, $crate::shape::Invalid> {
                $crate::shape::check(value, &[$($name),*])?;
                let built = <$kind>::builder()$(.$set($crate::shape::member(value, $name)?))*.build();
                $crate::shape::Built::<Self>::built(built)
            }
        }
    )+};
}
pub(crate) use shapes;

/// Enumerations of texts. A text that this version does not know is passed on as it is.
macro_rules! words {
    ($($kind:ty),+ $(,)?) => {$(
        impl $crate::shape::Shape for $kind {
            fn show(&self) -> serde_json::Value {
                serde_json::Value::from(self.as_str())
            }

            fn read(value: &serde_json::Value) -> Result<Self, $crate::shape::Invalid> {
                Ok(Self::from(String::read(value)?.as_str()))
            }
        }
    )+};
}
pub(crate) use words;

/// Unions: the API's name of each variant. One that this version does not know is shown as a text that no input takes.
macro_rules! unions {
    ($($kind:ty { $($name:literal $variant:ident,)+ })+) => {$(
        impl $crate::shape::Shape for $kind {
            fn show(&self) -> serde_json::Value {
                match self {
                    $(Self::$variant(value) => $crate::shape::object([($name, $crate::shape::Shape::show(value))]),)+
                    _ => serde_json::Value::from("unknown to this version"),
                }
            }

            fn read(value: &serde_json::Value) -> Result<Self, $crate::shape::Invalid> {
                $crate::shape::check(value, &[$($name),+])?;
                $(if let Some(only) = $crate::shape::member(value, $name)? {
                    return Ok(Self::$variant(only));
                })+
                Err($crate::shape::Invalid("is empty".to_owned()))
            }
        }
    )+};
}
pub(crate) use unions;

#[cfg(test)]
mod tests;
