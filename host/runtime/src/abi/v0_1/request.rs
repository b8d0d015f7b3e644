//! `request`: the running call.

use serde_json::{Map, Value};

use super::bindings::cofferdam::plugin::{
    request::{Client, Host, Principal},
    types::LogLevel,
};
use crate::state::HostState;

impl Host for HostState {
    async fn id(&mut self) -> wasmtime::Result<String> {
        self.budget.host_call()?;
        Ok(self.request.id().to_owned())
    }

    async fn client_info(&mut self) -> wasmtime::Result<Option<Client>> {
        self.budget.host_call()?;
        Ok(self.request.caller().and_then(|caller| caller.client()).map(|client| Client {
            capabilities: object(&client.capabilities),
            name: client.name,
            version: client.version,
            protocol_version: client.protocol_version,
        }))
    }

    async fn principal_info(&mut self) -> wasmtime::Result<Option<Principal>> {
        self.budget.host_call()?;
        Ok(self.request.caller().and_then(|caller| caller.principal()).map(|principal| Principal {
            claims: object(&principal.claims),
            subject: principal.subject,
            issuer: principal.issuer,
            scopes: principal.scopes,
        }))
    }

    async fn meta(&mut self) -> wasmtime::Result<String> {
        self.budget.host_call()?;
        Ok(object(&self.request.caller().map(|caller| caller.meta()).unwrap_or_default()))
    }

    async fn remaining_ms(&mut self) -> wasmtime::Result<u64> {
        self.budget.host_call()?;
        Ok(u64::try_from(self.request.remaining().as_millis()).unwrap_or(u64::MAX))
    }

    async fn is_cancelled(&mut self) -> wasmtime::Result<bool> {
        self.budget.host_call()?;
        Ok(self.request.is_cancelled())
    }

    async fn progress(
        &mut self,
        progress: f64,
        total: Option<f64>,
        message: Option<String>,
    ) -> wasmtime::Result<()> {
        self.budget.host_call()?;
        Ok(self.request.progress(&mut self.budget, progress, total, message).await?)
    }

    async fn log(&mut self, level: LogLevel, logger: Option<String>, data: String) -> wasmtime::Result<()> {
        self.budget.host_call()?;
        Ok(self.request.log(&mut self.budget, convert(level), logger, &data).await?)
    }
}

fn convert(level: LogLevel) -> cofferdam_capabilities::LogLevel {
    use cofferdam_capabilities::LogLevel as To;
    match level {
        LogLevel::Debug => To::Debug,
        LogLevel::Info => To::Info,
        LogLevel::Notice => To::Notice,
        LogLevel::Warning => To::Warning,
        LogLevel::Error => To::Error,
        LogLevel::Critical => To::Critical,
        LogLevel::Alert => To::Alert,
        LogLevel::Emergency => To::Emergency,
    }
}

fn object(map: &Map<String, Value>) -> String {
    serde_json::to_string(map).unwrap_or_else(|_| "{}".to_owned())
}
