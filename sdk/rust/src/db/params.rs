//! The values of a statement.

use super::Value;

/// The values of a statement, in the order of their numbers: a tuple of up to 16 values, `()` for none, or a list.
///
/// A single value is a tuple too: `(id,)`. A list, where it is known only when the tool runs how many there are, is a
/// `Vec<Value>`, a slice or an array: `[1, 2, 3]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the values of a statement",
    label = "expected a tuple, such as `(id, \"title\")`",
    note = "a single value is written `(value,)`, none `()`; values are numbers, `bool`, texts, bytes, `serde_json::Value`, `db::Value`, and `Option`s of those"
)]
pub trait Params {
    /// The values.
    #[doc(hidden)]
    fn into_values(self) -> Vec<Value>;
}

impl Params for () {
    fn into_values(self) -> Vec<Value> {
        Vec::new()
    }
}

impl<T: Into<Value>> Params for Vec<T> {
    fn into_values(self) -> Vec<Value> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Into<Value>, const N: usize> Params for [T; N] {
    fn into_values(self) -> Vec<Value> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<T: Clone + Into<Value>> Params for &[T] {
    fn into_values(self) -> Vec<Value> {
        self.iter().cloned().map(Into::into).collect()
    }
}

impl<T: Clone + Into<Value>> Params for &Vec<T> {
    fn into_values(self) -> Vec<Value> {
        self.as_slice().into_values()
    }
}

macro_rules! tuples {
    () => {};
    ($first:ident $($rest:ident)*) => {
        impl<$first: Into<Value>, $($rest: Into<Value>),*> Params for ($first, $($rest,)*) {
            #[allow(non_snake_case, reason = "the values have the names of their types")]
            fn into_values(self) -> Vec<Value> {
                let ($first, $($rest,)*) = self;
                vec![$first.into(), $($rest.into()),*]
            }
        }
        tuples!($($rest)*);
    };
}

tuples!(A B C D E F G H I J K L M N O P);
