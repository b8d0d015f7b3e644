//! Signatures as minisign makes them, for tests of who may come into service.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ed25519_compact::{KeyPair, Seed};

/// A key that signs as minisign does.
#[derive(Debug)]
pub struct Signer {
    key: KeyPair,
    id: [u8; 8],
}

impl Signer {
    /// The key that this seed gives.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        Self { key: KeyPair::from_seed(Seed::new([seed; 32])), id: [seed; 8] }
    }

    /// Says that it is the other one.
    #[must_use]
    pub fn posing_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }

    /// The line for the operator's file.
    #[must_use]
    pub fn public(&self) -> String {
        BASE64.encode([b"Ed", &self.id[..], self.key.pk.as_ref()].concat())
    }

    /// The text of a signature.
    #[must_use]
    pub fn sign(&self, bytes: &[u8], comment: &str) -> String {
        let hash = blake2b_simd::blake2b(bytes);
        let signature = self.key.sk.sign(hash.as_bytes(), None);
        let all = self.key.sk.sign([signature.as_ref(), comment.as_bytes()].concat(), None);
        format!(
            "untrusted comment: signature\n{}\ntrusted comment: {comment}\n{}\n",
            BASE64.encode([b"ED", &self.id[..], signature.as_ref()].concat()),
            BASE64.encode(all),
        )
    }
}
