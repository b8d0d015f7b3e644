//! A request's body that comes in pieces: kept until it is whole, within the limits.
//!
//! Nothing of it is sent before its end, so what is sent has one length, which the host has counted.

use bytes::{Bytes, BytesMut};
use cofferdam_policy::{HttpLimits, units::Quantity};

use super::{HttpBudget, HttpError, HttpLimit};

/// The pieces so far.
#[derive(Debug)]
pub struct Gathering<'a> {
    limits: &'a HttpLimits,
    budget: &'a HttpBudget,
    bytes: BytesMut,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(limits: &'a HttpLimits, budget: &'a HttpBudget) -> Self {
        Self { limits, budget, bytes: BytesMut::new() }
    }

    /// Takes one more.
    ///
    /// # Errors
    /// [`HttpError::Limited`] if the body is too large, or all bodies of the call together are.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), HttpError> {
        if (self.bytes.len() + piece.len()) as u64 > self.limits.request_body.value() {
            return Err(HttpLimit::RequestBody.reached(self.limits));
        }
        self.budget.gathered(piece.len(), self.limits)?;
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The whole body.
    #[must_use]
    pub fn whole(self) -> Bytes {
        self.bytes.freeze()
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::units::Bytes as Size;

    use super::*;

    #[test]
    fn a_body_and_all_bodies_of_a_call_have_a_limit() {
        let limits =
            HttpLimits { request_body: Size::of(10), call_bytes: Size::of(25), ..HttpLimits::default() };
        let budget = HttpBudget::new(&limits);
        for _ in 0..2 {
            let mut body = Gathering::new(&limits, &budget);
            assert_eq!((body.take(b"01234"), body.take(b"56789")), (Ok(()), Ok(())));
            assert_eq!(body.take(b"x"), Err(HttpLimit::RequestBody.reached(&limits)));
            assert_eq!(body.whole(), "0123456789");
        }
        let mut third = Gathering::new(&limits, &budget);
        assert_eq!(third.take(b"01234"), Ok(()));
        assert_eq!(third.take(b"5"), Err(HttpLimit::CallBytes.reached(&limits)));
    }
}
