//! `wasi:http`: requests to other machines, through the plugin's one way out.
//!
//! The crate for it has the resources; sending is ours. A request's body is gathered before anything is sent, and a
//! response is complete, within the limits, before the guest sees its head. Redirects are the guest's to follow, and
//! each is a request that is judged anew. There are no trailers. Timeouts that a guest sets can only shorten ours;
//! the pace of a response is the operator's to demand.
//! Errors of the interface have no room for words: the host tells them to the client and to its log.

mod error;
mod send;

use std::sync::Arc;

use cofferdam_capabilities::{Request, http::is_host_only, request::Teller};
use cofferdam_policy::{HttpLimits, units::Quantity as _};
use tokio::time::Instant;
use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource},
};
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView,
    WasiHttpHooks,
    p2::{
        bindings::{
            LinkOptions,
            http::{outgoing_handler, types},
        },
        types::{HostFutureIncomingResponse, HostOutgoingRequest},
    },
};

use self::send::Sending;
use crate::state::{HostState, HttpReach, Reach};

/// What a guest writes to a body at once, at most. Up to two of these wait in each body that isn't sent yet.
const CHUNK: usize = 16 << 10;
/// What each header takes in memory besides its name and value.
const HEADER: u64 = 80;

/// What `wasi:http` keeps of a call.
pub(crate) struct Outgoing {
    context: WasiHttpCtx,
    sender: Sender,
}

impl Outgoing {
    fn new(reach: &Reach, request: &Request) -> Self {
        let reach = reach.http.clone();
        let limits = reach.as_ref().map_or_else(HttpLimits::default, |reach| reach.http.limits().clone());
        let headers = limits.request_headers.value() + limits.header_count.value() * HEADER;
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(usize::try_from(headers).unwrap_or(usize::MAX));
        let deadline = Instant::now() + request.remaining();
        Self { context, sender: Sender { reach, deadline, teller: request.teller() } }
    }
}

/// Sends for the crate.
struct Sender {
    /// None while the plugin is being loaded, or if it has no grant.
    reach: Option<HttpReach>,
    /// Of the call.
    deadline: Instant,
    teller: Teller,
}

impl WasiHttpHooks for Sender {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_host_only)
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        request: ::http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Sending {
        Box::new(send::send(self.reach.clone(), self.deadline, self.teller.clone(), request, options))
    }
}

fn view(state: &mut HostState) -> WasiHttpCtxView<'_> {
    let outgoing = state.outgoing.get_or_insert_with(|| Outgoing::new(&state.reach, &state.request));
    WasiHttpCtxView { hooks: &mut outgoing.sender, table: &mut state.table, ctx: &mut outgoing.context }
}

/// Of the track, the version that the crate has.
const HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

type Handled = Result<Resource<HostFutureIncomingResponse>, types::ErrorCode>;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let options = LinkOptions::default();
    types::add_to_linker::<_, WasiHttp>(linker, &options.into(), view)?;
    // By hand: the generated function has no place for what pays.
    linker.instance(HANDLER)?.func_wrap(
        "handle",
        |mut store: StoreContextMut<'_, HostState>, (request, options)| {
            Ok((handle(store.data_mut(), request, options)?,))
        },
    )
}

fn handle(
    state: &mut HostState,
    request: Resource<HostOutgoingRequest>,
    options: Option<Resource<RequestOptions>>,
) -> wasmtime::Result<Handled> {
    state.budget.host_call()?;
    match outgoing_handler::Host::handle(&mut view(state), request, options) {
        Ok(response) => Ok(Ok(response)),
        Err(refusal) => refusal.downcast().map(Err),
    }
}
