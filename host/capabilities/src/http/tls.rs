//! Whom the host trusts, and how it speaks TLS: 1.2 and 1.3, with ring. Certificates are always verified.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};

/// The authorities that certify upstreams.
#[derive(Debug, Clone)]
pub struct TlsRoots(RootCertStore);

/// Roots that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the TLS roots can't be used: {0}")]
pub struct TlsError(#[from] rustls::Error);

impl TlsRoots {
    /// Mozilla's, as they are in this binary.
    #[must_use]
    pub fn mozilla() -> Self {
        Self(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
    }

    /// Only these certificates, in DER form.
    ///
    /// # Errors
    /// [`TlsError`] for one that is no certificate.
    pub fn only(certificates: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(CertificateDer::from(certificate))?;
        }
        Ok(Self(roots))
    }

    pub(super) fn config(self) -> Result<ClientConfig, TlsError> {
        // The provider is named, so that what else is in the process can't change it.
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let mut config = builder.with_root_certificates(self.0).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}
