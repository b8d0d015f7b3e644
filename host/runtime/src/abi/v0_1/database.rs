//! `database`: the plugin's own database, and those that it was granted.

mod value;

use std::time::Duration;

use cofferdam_capabilities::{
    Budget, DatabaseError, PluginDatabases,
    database::{Database, Holder, OpenTransaction, Rows, Table, backend::Dialect},
};
use wasmtime::component::{HasData, Resource, ResourceTable};

use self::value::{error, params, params_of_many, row};
use super::bindings::cofferdam::plugin::database as wit;
use crate::state::HostState;

/// What the interface sees of a call: its plugin's databases, what it has open, its budget, its time.
pub(crate) struct DatabaseView<'a> {
    /// None while the plugin is being loaded: what it says of its tools depends on nothing that is kept.
    databases: Option<&'a PluginDatabases>,
    holder: &'a Holder,
    left: Duration,
    budget: &'a mut Budget,
    table: &'a mut ResourceTable,
}

/// The view as the linker wants it named.
pub(super) struct HasDatabases;

impl HasData for HasDatabases {
    type Data<'a> = DatabaseView<'a>;
}

pub(super) fn view(state: &mut HostState) -> DatabaseView<'_> {
    DatabaseView {
        databases: state.reach.databases.as_ref(),
        holder: &state.opened,
        left: state.request.remaining(),
        budget: &mut state.budget,
        table: &mut state.table,
    }
}

type Answer<T> = wasmtime::Result<Result<T, wit::Error>>;

impl DatabaseView<'_> {
    fn find(&self, label: &str) -> Result<Database, DatabaseError> {
        let databases = self.databases.ok_or_else(|| {
            DatabaseError::Unavailable("there are no databases while tools are listed".to_owned())
        })?;
        databases.open(label)
    }

    /// Gives a result to the guest, to be read.
    fn give(&mut self, rows: Result<Rows, DatabaseError>) -> Answer<Resource<Rows>> {
        Ok(match rows {
            Ok(rows) => Ok(self.table.push(rows)?),
            Err(refusal) => Err(error(refusal)),
        })
    }
}

impl wit::Host for DatabaseView<'_> {
    async fn open(&mut self, label: String) -> Answer<Resource<Database>> {
        self.budget.host_call()?;
        Ok(match self.find(&label) {
            Ok(database) => Ok(self.table.push(database)?),
            Err(refusal) => Err(error(refusal)),
        })
    }

    async fn dialect_of(&mut self, label: String) -> Answer<wit::Dialect> {
        self.budget.host_call()?;
        let dialect = self.find(&label).map(|database| match database.dialect() {
            Dialect::Sqlite => wit::Dialect::Sqlite,
            Dialect::Postgres => wit::Dialect::Postgres,
        });
        Ok(dialect.map_err(error))
    }
}

impl wit::HostConnection for DatabaseView<'_> {
    async fn query(
        &mut self,
        this: Resource<Database>,
        sql: String,
        values: Vec<wit::Value>,
    ) -> Answer<Resource<Rows>> {
        self.budget.host_call()?;
        let database = self.table.get(&this)?;
        let found: Result<Table, _> = database.query(&sql, &params(values), self.left).await;
        let rows = found.and_then(|table| database.rows(table, self.holder));
        self.give(rows)
    }

    async fn execute(
        &mut self,
        this: Resource<Database>,
        sql: String,
        values: Vec<wit::Value>,
    ) -> Answer<u64> {
        self.budget.host_call()?;
        let database = self.table.get(&this)?;
        Ok(database.execute(&sql, &params(values), self.left).await.map_err(error))
    }

    async fn execute_many(
        &mut self,
        this: Resource<Database>,
        sql: String,
        values: Vec<Vec<wit::Value>>,
    ) -> Answer<u64> {
        self.budget.host_calls(values.len().max(1))?;
        let database = self.table.get(&this)?;
        Ok(database.execute_many(&sql, &params_of_many(values), self.left).await.map_err(error))
    }

    async fn begin(&mut self, this: Resource<Database>) -> Answer<Resource<OpenTransaction>> {
        self.budget.host_call()?;
        let begun = self.table.get(&this)?.begin(self.holder, self.left).await;
        Ok(match begun {
            Ok(transaction) => Ok(self.table.push(transaction)?),
            Err(refusal) => Err(error(refusal)),
        })
    }

    async fn migrate(&mut self, this: Resource<Database>, steps: Vec<String>) -> Answer<u32> {
        self.budget.host_calls(steps.len().max(1))?;
        Ok(self.table.get(&this)?.migrate(&steps, self.left).await.map_err(error))
    }

    async fn drop(&mut self, this: Resource<Database>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostRows for DatabaseView<'_> {
    async fn columns(&mut self, this: Resource<Rows>) -> wasmtime::Result<Vec<wit::Column>> {
        self.budget.host_call()?;
        let columns = self.table.get(&this)?.columns();
        let mut answer = self.budget.answer();
        answer.bytes(columns.iter().map(|column| column.name.len() + column.type_name.len()).sum())?;
        let column = |column: &cofferdam_capabilities::database::Column| wit::Column {
            name: column.name.clone(),
            type_name: column.type_name.clone(),
        };
        Ok(columns.iter().map(column).collect())
    }

    async fn next(&mut self, this: Resource<Rows>, max: u32) -> Answer<Vec<Vec<wit::Value>>> {
        self.budget.host_call()?;
        let mut answer = self.budget.answer();
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let page = self.table.get_mut(&this)?.next(max, answer.left());
        // A single row may be more than one call into the host gives.
        answer.bytes(page.iter().flatten().map(|value| value.size()).sum())?;
        Ok(Ok(page.into_iter().map(row).collect()))
    }

    async fn drop(&mut self, this: Resource<Rows>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostTransaction for DatabaseView<'_> {
    async fn query(
        &mut self,
        this: Resource<OpenTransaction>,
        sql: String,
        values: Vec<wit::Value>,
    ) -> Answer<Resource<Rows>> {
        self.budget.host_call()?;
        let transaction = self.table.get_mut(&this)?;
        let found: Result<Table, _> = transaction.query(&sql, &params(values), self.left).await;
        let rows = found.and_then(|table| transaction.rows(table, self.holder));
        self.give(rows)
    }

    async fn execute(
        &mut self,
        this: Resource<OpenTransaction>,
        sql: String,
        values: Vec<wit::Value>,
    ) -> Answer<u64> {
        self.budget.host_call()?;
        let transaction = self.table.get_mut(&this)?;
        Ok(transaction.execute(&sql, &params(values), self.left).await.map_err(error))
    }

    async fn execute_many(
        &mut self,
        this: Resource<OpenTransaction>,
        sql: String,
        values: Vec<Vec<wit::Value>>,
    ) -> Answer<u64> {
        self.budget.host_calls(values.len().max(1))?;
        let transaction = self.table.get_mut(&this)?;
        Ok(transaction.execute_many(&sql, &params_of_many(values), self.left).await.map_err(error))
    }

    async fn commit(&mut self, this: Resource<OpenTransaction>) -> Answer<()> {
        self.budget.host_call()?;
        let transaction = self.table.delete(this)?;
        Ok(transaction.commit().await.map_err(error))
    }

    async fn drop(&mut self, this: Resource<OpenTransaction>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
