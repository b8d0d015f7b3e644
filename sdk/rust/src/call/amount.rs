//! Numbers that progress is counted in: all of Rust's, without a cast at the call.

/// How much is done: any number.
pub trait Amount {
    /// As the protocol carries it.
    #[doc(hidden)]
    fn amount(self) -> f64;
}

/// How much there is to do: any number, or an `Option` of one where that may be unknown.
pub trait Total {
    /// As the protocol carries it.
    #[doc(hidden)]
    fn total(self) -> Option<f64>;
}

impl<A: Amount> Total for Option<A> {
    fn total(self) -> Option<f64> {
        self.map(Amount::amount)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Amount for $number {
            fn amount(self) -> f64 {
                self as f64
            }
        }

        impl Total for $number {
            fn total(self) -> Option<f64> {
                Some(self.amount())
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64);
