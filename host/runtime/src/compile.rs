//! From a component's bytes to native code: out of the cache, or by a compiler in a process of its own.
//!
//! Compiling is the one place where hostile input meets much code at length, so it happens where memory, time
//! and reach are bounded ([`child`]), at most a few at a time. Its results are kept ([`cache`]), its failures
//! remembered ([`failures`]). What becomes code in this process passes through [`native`], and nowhere else.

mod cache;
pub mod child;
mod error;
mod failures;
mod native;
mod spawn;

use std::{path::PathBuf, time::Duration};

use tokio::{sync::Semaphore, time::Instant};
use wasmtime::{Engine, component::Component};

use self::{cache::Cache, failures::Failures, native::Artefact};
pub use self::{cache::CacheError, error::CompileError};
use crate::{blocking, engine, error::LoadError, load::Bytes};

/// How components are compiled.
#[derive(Debug, Clone, Default)]
pub struct CompileConfig {
    /// The program that compiles, one process per component; none: this process compiles, without bounds.
    /// Default none, since only a program that answers to it can be named.
    pub program: Option<Program>,
    /// What one compilation may use.
    pub limits: CompileLimits,
    /// Where native code is kept; none: nowhere. Default none.
    pub cache: Option<CacheConfig>,
}

/// A program whose `main` hands over to [`child::main`] when it is started with `arguments`.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program: usually this very one.
    pub path: PathBuf,
    /// What makes it a compiler; the limits follow.
    pub arguments: Vec<String>,
}

/// What one compilation may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of address space. Default 2 GiB.
    pub memory: u64,
    /// Processor time, in whole seconds. Default 30 s.
    pub cpu: Duration,
    /// Wall time. Default 60 s.
    pub deadline: Duration,
    /// Compilations at the same time. Default 2.
    pub at_once: u32,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self { memory: 2 << 30, cpu: Duration::from_secs(30), deadline: Duration::from_secs(60), at_once: 2 }
    }
}

/// Where native code is kept.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// A directory for this alone, of mode 0700; made if it isn't there.
    pub directory: PathBuf,
    /// Bytes; beyond them, what was used least recently goes.
    pub size: u64,
}

/// What came of a component's bytes.
pub(crate) struct Compiled {
    pub(crate) component: Component,
    pub(crate) cached: bool,
    pub(crate) took: Duration,
}

/// Compiles, and remembers.
pub(crate) struct Compiler {
    config: CompileConfig,
    cache: Option<Cache>,
    failures: Failures,
    permits: Semaphore,
}

impl Compiler {
    /// A cache that can't be used is reported, and done without.
    pub(crate) fn new(engine: &Engine, config: CompileConfig) -> Self {
        let cache = config.cache.as_ref().and_then(|wanted| {
            Cache::open(wanted, engine::compatibility(engine))
                .inspect_err(|error| {
                    tracing::warn!(
                        directory = %wanted.directory.display(), %error,
                        "the compile cache can't be used, so every start compiles every plugin"
                    );
                })
                .ok()
        });
        let permits = Semaphore::new(usize::try_from(config.limits.at_once).unwrap_or(1).max(1));
        Self { config, cache, failures: Failures::default(), permits }
    }

    /// The native code for `bytes`.
    pub(crate) async fn component(&self, engine: &Engine, bytes: &Bytes) -> Result<Compiled, LoadError> {
        let started = Instant::now();
        let done = |component, cached| Compiled { component, cached, took: started.elapsed() };
        if let Some(component) = self.cached(engine, &bytes.digest).await? {
            return Ok(done(component, true));
        }
        self.failures.recall(&bytes.digest)?;
        let permit =
            self.permits.acquire().await.map_err(|closed| LoadError::Internal(closed.to_string()))?;
        // The same bytes may have come under several names, and the first of them had its turn meanwhile.
        if let Some(component) = self.cached(engine, &bytes.digest).await? {
            return Ok(done(component, true));
        }
        self.failures.recall(&bytes.digest)?;
        let artefact = self.compile(engine, bytes).await;
        drop(permit);
        let artefact = artefact.inspect_err(|error| self.failures.note(&bytes.digest, error))?;
        let (engine, digest, cache) = (engine.clone(), bytes.digest.clone(), self.cache.clone());
        let component = blocking(move || {
            if let Some(cache) = cache {
                cache.put(&digest, &artefact);
            }
            native::component(&engine, &artefact)
        });
        Ok(done(component.await??, false))
    }

    /// The native code of a component that was compiled before, if it is still kept.
    pub(crate) async fn cached(&self, engine: &Engine, digest: &str) -> Result<Option<Component>, LoadError> {
        let Some(cache) = self.cache.clone() else { return Ok(None) };
        let (engine, digest) = (engine.clone(), digest.to_owned());
        blocking(move || cache.get(&digest).and_then(|artefact| native::component(&engine, &artefact).ok()))
            .await
    }

    /// Lets what failed be tried again at once.
    pub(crate) fn forget_failures(&self) {
        self.failures.forget();
    }

    async fn compile(&self, engine: &Engine, bytes: &Bytes) -> Result<Artefact, CompileError> {
        if let Some(program) = &self.config.program {
            return spawn::compile(program, &self.config.limits, &bytes.content).await;
        }
        let (engine, content) = (engine.clone(), bytes.content.clone());
        let compiled = tokio::task::spawn_blocking(move || native::compile(&engine, &content)).await;
        compiled.map_err(|failure| CompileError::Internal(failure.to_string()))?
    }
}
