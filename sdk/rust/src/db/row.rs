//! A row as serde sees it: a map by the names of its columns, a list by their places, or its only value.

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::cell::{Cell, Mismatch};
use super::{Column, Value};

/// The names of the columns.
#[derive(Debug)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn of(columns: Vec<Column>) -> Self {
        Self(columns.into_iter().map(|column| column.name).collect())
    }

    fn get(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }
}

/// Reads a row; the error names the column.
pub(super) fn read<T: DeserializeOwned>(names: &Names, values: Vec<Value>) -> Result<T, String> {
    T::deserialize(Row { names, values }).map_err(|Mismatch(problem)| {
        if problem.starts_with("missing field") {
            format!("{problem}: the columns are {}", list(&names.0))
        } else {
            problem
        }
    })
}

fn list(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

struct Row<'n> {
    names: &'n Names,
    values: Vec<Value>,
}

impl Row<'_> {
    /// Its value, for types that are neither a map nor a list.
    fn only(mut self) -> Result<Named, Mismatch> {
        match (self.values.pop(), self.values.len()) {
            (Some(value), 0) => Ok(Named { name: self.names.get(0).to_owned(), value }),
            (_, rest) => Err(Mismatch(format!(
                "a row of {} columns was found, expected one column: read it into a struct or a tuple",
                rest + usize::from(rest > 0)
            ))),
        }
    }
}

/// A value that is the whole row.
struct Named {
    name: String,
    value: Value,
}

impl Named {
    fn read<T>(self, read: impl FnOnce(Cell) -> Result<T, Mismatch>) -> Result<T, Mismatch> {
        read(Cell(self.value)).map_err(|problem| problem.at(&self.name))
    }
}

macro_rules! the_only_value {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.only()?.read(|cell| cell.$method(visitor))
        }
    )* };
}

impl<'de> Deserializer<'de> for Row<'_> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_map(Fields { names: self.names, values: self.values.into_iter(), at: 0, value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, parts: usize, visitor: V) -> Result<V::Value, Mismatch> {
        if parts != self.values.len() {
            let found = self.values.len();
            return Err(Mismatch(format!("a row of {found} columns was found, expected {parts}")));
        }
        visitor.visit_seq(Parts { names: self.names, values: self.values.into_iter(), at: 0 })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        parts: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_tuple(parts, visitor)
    }

    /// A list of all values; but bytes that are alone are a list of their own.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.values.as_slice() {
            [Value::Bytes(_)] => self.only()?.read(|cell| cell.deserialize_seq(visitor)),
            _ => visitor.visit_seq(Parts { names: self.names, values: self.values.into_iter(), at: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.values.as_slice() {
            [Value::Null] => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.only()?.read(|cell| cell.deserialize_enum(name, variants, visitor))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    the_only_value! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_identifier
    }
}

/// The values with the names of their columns.
struct Fields<'n> {
    names: &'n Names,
    values: std::vec::IntoIter<Value>,
    at: usize,
    value: Option<Value>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        self.value = self.values.next();
        if self.value.is_none() {
            return Ok(None);
        }
        let name: StringDeserializer<Mismatch> = self.names.get(self.at).to_owned().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        let name = self.names.get(self.at);
        self.at += 1;
        seed.deserialize(Cell(self.value.take().unwrap_or(Value::Null))).map_err(|problem| problem.at(name))
    }
}

/// The values in their places.
struct Parts<'n> {
    names: &'n Names,
    values: std::vec::IntoIter<Value>,
    at: usize,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mismatch> {
        let Some(value) = self.values.next() else { return Ok(None) };
        let name = self.names.get(self.at);
        self.at += 1;
        seed.deserialize(Cell(value)).map(Some).map_err(|problem| problem.at(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}
