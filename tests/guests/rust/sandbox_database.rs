//! Gives its databases whatever statements a test asks for, straight through the interface.

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Which database. Default `private`.
    label: Option<String>,
    steps: Vec<Step>,
}

/// One thing to do with a database, or with the transaction that is open.
#[derive(Deserialize, JsonSchema)]
struct Step {
    /// `query`, `execute`, `many`, `begin`, `commit`, `drop`, `migrate`, `dialect`, `keep` (a result, unread) or `trap`.
    act: String,
    #[serde(default)]
    sql: String,
    #[serde(default)]
    params: Vec<cofferdam_sdk::serde_json::Value>,
    #[serde(default)]
    texts: Vec<String>,
    /// Rows of a page. Default all.
    page: Option<u32>,
    /// How often. Default once.
    times: Option<u32>,
}

/// Do one step after the other; what each gave, or `{"error": [kind, text]}`.
#[tool]
fn run(asked: Asked) -> Result<Vec<cofferdam_sdk::serde_json::Value>> {
    Ok(database::run(asked))
}

#[cfg(target_arch = "wasm32")]
mod database {
    use cofferdam_sdk::guest::bindings::cofferdam::plugin::database::{
        Connection, Error, Rows, Transaction, Value, dialect_of, open,
    };
    use cofferdam_sdk::serde_json::{Value as Json, json};

    use super::{Asked, Step};

    pub(super) fn run(asked: Asked) -> Vec<Json> {
        let label = asked.label.unwrap_or_else(|| "private".to_owned());
        let connection = match open(&label) {
            Ok(connection) => connection,
            Err(error) => return vec![refusal(error)],
        };
        let mut doing = Doing { label, connection, transactions: Vec::new(), kept: Vec::new() };
        let mut done = Vec::new();
        for step in &asked.steps {
            for _ in 0..step.times.unwrap_or(1) {
                done.push(doing.step(step).unwrap_or_else(refusal));
            }
        }
        done
    }

    struct Doing {
        label: String,
        connection: Connection,
        transactions: Vec<Transaction>,
        kept: Vec<Rows>,
    }

    impl Doing {
        fn step(&mut self, step: &Step) -> Result<Json, Error> {
            let params: Vec<_> = step.params.iter().map(value).collect();
            let many = || -> Vec<Vec<Value>> {
                let lists = step.params.iter().map(|list| list.as_array().unwrap());
                lists.map(|list| list.iter().map(value).collect()).collect()
            };
            let transaction = self.transactions.last();
            Ok(match (step.act.as_str(), transaction) {
                ("query", None) => rows(&self.connection.query(&step.sql, &params)?, step.page)?,
                ("query", Some(transaction)) => rows(&transaction.query(&step.sql, &params)?, step.page)?,
                ("execute", None) => json!(self.connection.execute(&step.sql, &params)?),
                ("execute", Some(transaction)) => json!(transaction.execute(&step.sql, &params)?),
                ("many", None) => json!(self.connection.execute_many(&step.sql, &many())?),
                ("many", Some(transaction)) => json!(transaction.execute_many(&step.sql, &many())?),
                ("keep", _) => {
                    self.kept.push(self.connection.query(&step.sql, &params)?);
                    json!(self.kept.len())
                }
                ("begin", _) => {
                    self.transactions.push(self.connection.begin()?);
                    json!("begun")
                }
                ("commit", _) => {
                    Transaction::commit(self.transactions.pop().unwrap())?;
                    json!("committed")
                }
                ("drop", _) => {
                    drop(self.transactions.pop());
                    json!("dropped")
                }
                ("migrate", _) => json!(self.connection.migrate(&step.texts)?),
                ("dialect", _) => json!(format!("{:?}", dialect_of(&self.label)?)),
                (other, _) => panic!("there is no {other}"),
            })
        }
    }

    fn value(json: &Json) -> Value {
        match json {
            Json::Null | Json::Array(_) | Json::Object(_) => Value::Null,
            Json::Bool(value) => Value::Boolean(*value),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Value::Int64(number),
                None => Value::Float64(number.as_f64().unwrap()),
            },
            Json::String(text) => Value::Text(text.clone()),
        }
    }

    fn shown(value: Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Boolean(value) => json!(value),
            Value::Int64(value) => json!(value),
            Value::Float64(value) => json!(value),
            Value::Bytes(bytes) => json!({ "bytes": bytes.len() }),
            Value::Text(text)
            | Value::Decimal(text)
            | Value::Timestamp(text)
            | Value::Uuid(text)
            | Value::Json(text) => json!(text),
        }
    }

    /// All rows; with pages, how many each had.
    fn rows(rows: &Rows, page: Option<u32>) -> Result<Json, Error> {
        let (mut all, mut pages) = (Vec::new(), Vec::new());
        loop {
            let next = rows.next(page.unwrap_or(u32::MAX))?;
            if next.is_empty() {
                break;
            }
            pages.push(next.len());
            all.extend(next.into_iter().map(|row| row.into_iter().map(shown).collect::<Vec<_>>()));
        }
        Ok(if page.is_some() { json!(pages) } else { json!(all) })
    }

    fn refusal(error: Error) -> Json {
        let (kind, text) = match error {
            Error::Denied(text) => ("denied", text),
            Error::Limit(text) => ("limit", text),
            Error::Invalid(text) => ("invalid", text),
            Error::Constraint(text) => ("constraint", text),
            Error::Busy(text) => ("busy", text),
            Error::Unavailable(text) => ("unavailable", text),
            Error::Failed(text) => ("failed", text),
        };
        json!({ "error": [kind, text] })
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod database {
    use super::{Asked, Step};

    /// Natively guests are only checked.
    pub(super) fn run(asked: Asked) -> Vec<cofferdam_sdk::serde_json::Value> {
        let Asked { label, steps } = asked;
        let told = |step: Step| {
            cofferdam_sdk::serde_json::json!([
                step.act,
                step.sql,
                step.params,
                step.texts,
                step.page,
                step.times
            ])
        };
        label.into_iter().map(Into::into).chain(steps.into_iter().map(told)).collect()
    }
}

plugin!(run);
