//! What can be asked at the admin socket. No request has a body that is read.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use cofferdam_runtime::{
    control::{Control, RollbackError},
    policy::PluginId,
};
use tokio_util::sync::CancellationToken;

use super::{
    About, answer,
    logs::{self, Asked},
    wire::{self, Code},
};
use crate::telemetry::Ring;

/// What answers are made of.
struct Asking {
    about: About,
    control: Control,
    ring: Ring,
    stop: CancellationToken,
}

/// All paths. Readers of the log are let go once `stop` is cancelled.
pub(super) fn router(about: About, control: Control, ring: Ring, stop: CancellationToken) -> Router {
    Router::new()
        .route("/host", get(host))
        .route("/plugins", get(plugins))
        .route("/reload", post(reload))
        .route("/plugins/{id}/rollback", post(rollback))
        .route("/plugins/{id}/history", get(history))
        .route("/logs", get(log))
        .fallback(async || {
            Problem::new(Code::NotFound, "there is nothing at this path; see `cofferdam ps --help`")
        })
        .method_not_allowed_fallback(async || {
            Problem::new(
                Code::MethodNotAllowed,
                "what is there is read with GET, what does something takes POST",
            )
        })
        .with_state(Arc::new(Asking { about, control, ring, stop }))
}

async fn host(State(asking): State<Arc<Asking>>) -> Json<wire::Host> {
    Json(asking.about.told())
}

async fn plugins(State(asking): State<Arc<Asking>>) -> Json<wire::Plugins> {
    Json(wire::Plugins { plugins: answer::plugins(asking.control.status().await) })
}

async fn reload(State(asking): State<Arc<Asking>>) -> Json<wire::Reloaded> {
    let before = answer::plugins(asking.control.status().await);
    let plugins = answer::plugins(asking.control.rescan().await);
    Json(wire::Reloaded { changes: answer::changes(&before, &plugins), plugins })
}

async fn rollback(
    State(asking): State<Arc<Asking>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<wire::Version>, Problem> {
    let version = asking.control.rollback(plugin_id(id)?).await?;
    Ok(Json(answer::version(version)))
}

async fn history(
    State(asking): State<Arc<Asking>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<wire::History>, Problem> {
    let id = plugin_id(id)?;
    let plugin = id.to_string();
    let Some(changes) = asking.control.history(id).await else {
        let message =
            format!("no plugin `{plugin}` was seen since the host started: `cofferdam ps` lists all");
        return Err(Problem::new(Code::UnknownPlugin, message));
    };
    Ok(Json(wire::History { plugin, changes: changes.into_iter().map(answer::change).collect() }))
}

async fn log(State(asking): State<Arc<Asking>>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let asked =
        Asked::parse(&query.unwrap_or_default()).map_err(|said| Problem::new(Code::BadRequest, said))?;
    Ok(logs::stream(&asking.ring, asked, asking.stop.clone()))
}

fn plugin_id(id: Result<Path<String>, PathRejection>) -> Result<PluginId, Problem> {
    let bad = |said: String| Problem::new(Code::BadRequest, said);
    let Path(id) = id.map_err(|rejection| bad(rejection.body_text()))?;
    PluginId::parse(&id).map_err(|error| bad(error.to_string()))
}

/// Why there is no answer.
struct Problem(wire::Problem);

impl Problem {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self(wire::Problem { code, message: message.into() })
    }
}

impl From<RollbackError> for Problem {
    fn from(error: RollbackError) -> Self {
        let code = match &error {
            RollbackError::Unknown(_) => Code::UnknownPlugin,
            RollbackError::NoPrevious(_) => Code::NoPrevious,
            RollbackError::Gone { .. } => Code::Gone,
            RollbackError::Ending => Code::Ending,
        };
        Self::new(code, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (status(self.0.code), Json(wire::Failed { error: self.0 })).into_response()
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::NotFound | Code::UnknownPlugin => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::NoPrevious | Code::Gone => StatusCode::CONFLICT,
        Code::Ending => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
