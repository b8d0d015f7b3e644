//! The tables of SQLite, by its pragmas.

use cofferdam_sdk::prelude::*;

use super::{Row, Table};
use crate::bounds::MAX_COLUMNS;

/// The columns of all tables, or of one. SQLite's own tables and the host's are left out, and those that are the inside
/// of a virtual one.
pub(super) fn columns(db: &Db, table: Option<&str>) -> Result<Vec<Row>> {
    let sql = "select t.name as table_name, t.type as kind, c.name as column_name, c.type as column_type, \
            c.\"notnull\" or c.pk > 0 and (t.wr or upper(c.type) = 'INTEGER' \
                and max(c.pk) over (partition by t.name) = 1) as required, c.dflt_value as column_default \
        from pragma_table_list t join pragma_table_xinfo(t.name) c \
        where t.schema = 'main' and t.type in ('table', 'view', 'virtual') \
            and substr(t.name, 1, 7) <> 'sqlite_' and substr(t.name, 1, 10) <> 'cofferdam_' \
            and c.hidden <> 1 and (?1 is null or t.name = ?1 collate nocase) \
        order by t.name, c.cid limit ?2";
    db.query(sql, (table, MAX_COLUMNS + 1))?.rows()
}

/// What else there is to know of a table.
pub(super) fn complete(db: &Db, table: &mut Table) -> Result<()> {
    let primary = "select name from pragma_table_xinfo(?1) where pk > 0 order by pk";
    let keys: Vec<String> = db.query(primary, (&table.name,))?.rows()?;
    if !keys.is_empty() {
        table.constraints.push(format!("PRIMARY KEY ({})", keys.join(", ")));
    }
    table.constraints.extend(foreign_keys(db, &table.name)?);
    table.indexes = indexes(db, &table.name)?;
    let definition = "select sql from sqlite_schema where name = ?1 and type in ('table', 'view')";
    table.definition = db.query(definition, (&table.name,))?.first::<Option<String>>()?.flatten();
    Ok(())
}

#[derive(Deserialize)]
struct ForeignKey {
    id: i64,
    parent: String,
    child_column: String,
    parent_column: Option<String>,
    on_update: String,
    on_delete: String,
}

fn foreign_keys(db: &Db, table: &str) -> Result<Vec<String>> {
    let sql = "select id, \"table\" as parent, \"from\" as child_column, \"to\" as parent_column, on_update, on_delete \
        from pragma_foreign_key_list(?1) order by id desc, seq";
    let parts: Vec<ForeignKey> = db.query(sql, (table,))?.rows()?;
    Ok(parts.chunk_by(|a, b| a.id == b.id).map(foreign_key).collect())
}

fn foreign_key(parts: &[ForeignKey]) -> String {
    let children: Vec<_> = parts.iter().map(|part| part.child_column.as_str()).collect();
    let mut text = format!("FOREIGN KEY ({})", children.join(", "));
    if let Some(first) = parts.first() {
        text += &format!(" REFERENCES {}", first.parent);
        let parents: Vec<_> = parts.iter().filter_map(|part| part.parent_column.as_deref()).collect();
        if !parents.is_empty() {
            text += &format!(" ({})", parents.join(", "));
        }
        for (event, action) in [("UPDATE", &first.on_update), ("DELETE", &first.on_delete)] {
            if action != "NO ACTION" {
                text += &format!(" ON {event} {action}");
            }
        }
    }
    text
}

#[derive(Deserialize)]
struct IndexColumn {
    index_name: String,
    is_unique: bool,
    partial: bool,
    column_name: Option<String>,
}

fn indexes(db: &Db, table: &str) -> Result<Vec<String>> {
    let sql = "select l.name as index_name, l.\"unique\" as is_unique, l.partial as partial, i.name as column_name \
        from pragma_index_list(?1) l join pragma_index_info(l.name) i where l.origin <> 'pk' order by l.name, i.seqno";
    let columns: Vec<IndexColumn> = db.query(sql, (table,))?.rows()?;
    Ok(columns.chunk_by(|a, b| a.index_name == b.index_name).map(index).collect())
}

fn index(columns: &[IndexColumn]) -> String {
    let names: Vec<_> =
        columns.iter().map(|part| part.column_name.as_deref().unwrap_or("(expression)")).collect();
    let Some(first) = columns.first() else { return String::new() };
    let unique = if first.is_unique { "UNIQUE " } else { "" };
    let partial = if first.partial { " (some rows)" } else { "" };
    format!("{unique}{} ({}){partial}", first.index_name, names.join(", "))
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::schema::{Column, Tables, schema};

    const SCHEMA: &str = "
        create table customer (id integer primary key, mail text not null unique);
        create table \"order\" (
            id integer, line integer, customer integer references customer on delete cascade, note text default 'none',
            total as (line * 2), primary key (id, line), foreign key (note) references customer (mail)
        );
        create index order_by_customer on \"order\" (customer, lower(note)) where line > 1;
        create view open_order as select id, note from \"order\";
        create virtual table words using fts5(word);
    ";

    fn host() -> Host {
        Host::new().sqlite_read_only("shop", SCHEMA).config("databases", json!(["shop"]))
    }

    fn one(name: &str) -> Result<Table> {
        let Tables { mut tables, .. } = host().call::<schema>(json!({"table": name}))?;
        assert_eq!(tables.len(), 1);
        Ok(tables.remove(0))
    }

    #[test]
    fn all_tables_are_shown_in_short() {
        let found = host().call::<schema>(json!({})).unwrap();
        let names: Vec<_> =
            found.tables.iter().map(|table| (table.name.as_str(), table.kind.as_str())).collect();
        let expected =
            [("customer", "table"), ("open_order", "view"), ("order", "table"), ("words", "virtual")];
        assert_eq!((found.dialect, found.truncated, names.as_slice()), ("sqlite", false, &expected[..]));
        let columns: Vec<_> = found.tables[2].columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(columns, ["id", "line", "customer", "note", "total"]);
        let mail = Column { name: "mail".to_owned(), kind: "TEXT".to_owned(), required: true, default: None };
        assert_eq!(found.tables[0].columns[1], mail);
        assert_eq!(found.tables[3].columns.len(), 1);
        // SQLite numbers the rows of the first table itself; in a key of two columns it takes nulls.
        assert_eq!((found.tables[0].columns[0].required, found.tables[2].columns[0].required), (true, false));
        assert!(found.tables.iter().all(|table| table.constraints.is_empty()));
    }

    #[test]
    fn one_table_is_shown_in_full() {
        let order = one("ORDER").unwrap();
        let expected = [
            "PRIMARY KEY (id, line)",
            "FOREIGN KEY (customer) REFERENCES customer ON DELETE CASCADE",
            "FOREIGN KEY (note) REFERENCES customer (mail)",
        ];
        assert_eq!(order.constraints, expected);
        assert_eq!(order.indexes, ["order_by_customer (customer, (expression)) (some rows)"]);
        assert_eq!(order.columns[3].default.as_deref(), Some("'none'"));
        assert!(order.definition.unwrap().starts_with("CREATE TABLE \"order\""));
        assert_eq!(one("customer").unwrap().indexes, ["UNIQUE sqlite_autoindex_customer_1 (mail)"]);
        assert_eq!(
            one("open_order").unwrap().definition.as_deref(),
            Some("CREATE VIEW open_order as select id, note from \"order\"")
        );
    }

    #[test]
    fn a_table_that_is_not_there_is_told() {
        let missing = "there is no table \"x' or 1=1 --\": call this without `table` to see which there are";
        assert_eq!(one("x' or 1=1 --"), Err(ToolError::not_found(missing)));
        assert!(one("sqlite_schema").is_err());
    }
}
