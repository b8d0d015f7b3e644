//! `wasi:config`: the plugin's settings, as text.

#[allow(missing_docs, reason = "generated from the WIT")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit/config.wit",
        world: "imports",
        imports: { default: async | trappable },
    });
}

use wasmtime::component::{HasSelf, Linker};

use self::bindings::wasi::config::store::{self, Error, Host};
use crate::state::HostState;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    store::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

impl Host for HostState {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        self.budget.host_call()?;
        Ok(Ok(self.reach.settings.text(&key)))
    }

    async fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, Error>> {
        self.budget.host_call()?;
        let mut answer = self.budget.answer();
        let mut all = Vec::new();
        for (key, text) in self.reach.settings.texts() {
            answer.bytes(key.len() + text.len())?;
            all.push((key.to_owned(), text));
        }
        Ok(Ok(all))
    }
}
