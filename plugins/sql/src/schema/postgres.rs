//! The tables of Postgres: those that its role may see, by the standard's views, and their keys by the server's catalogs.

use cofferdam_sdk::prelude::*;

use super::{Row, Table};
use crate::bounds::MAX_COLUMNS;

/// How statements name a table: alone within the schema that names are looked up in first, else behind its schema.
macro_rules! name {
    ($schema:literal, $table:literal) => {
        concat!(
            "case when ",
            $schema,
            "::text = current_schema()::text then ",
            $table,
            "::text else ",
            $schema,
            "::text || '.' || ",
            $table,
            "::text end"
        )
    };
}

/// The columns of all tables, or of one.
pub(super) fn columns(db: &Db, table: Option<&str>) -> Result<Vec<Row>> {
    let sql = concat!(
        "select table_name, kind, column_name, column_type, required, column_default from (select ",
        name!("c.table_schema", "c.table_name"),
        " as table_name, case when t.table_type = 'VIEW' then 'view' else 'table' end as kind, \
            c.column_name::text as column_name, \
            case c.data_type::text when 'ARRAY' then substr(c.udt_name::text, 2) || '[]' \
                when 'USER-DEFINED' then c.udt_name::text \
                when 'numeric' then 'numeric' || coalesce('(' || c.numeric_precision::text || ',' || c.numeric_scale::text || ')', '') \
                else c.data_type::text || coalesce('(' || c.character_maximum_length::text || ')', '') end as column_type, \
            c.is_nullable = 'NO' as required, c.column_default::text as column_default, \
            c.ordinal_position::int as place \
        from information_schema.columns c \
        join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name \
        where c.table_schema not in ('information_schema', 'pg_catalog') \
            and c.table_name <> 'cofferdam_migrations') found \
        where $1::text is null or table_name = $1::text \
        order by table_name, place limit $2"
    );
    db.query(sql, (table, MAX_COLUMNS + 1))?.rows()
}

/// What else there is to know of a table.
pub(super) fn complete(db: &Db, table: &mut Table) -> Result<()> {
    let constraints = concat!(
        "select pg_get_constraintdef(k.oid) from pg_constraint k \
        join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace \
        where ",
        name!("n.nspname", "c.relname"),
        " = $1::text order by k.contype::text desc, k.conname"
    );
    table.constraints = db.query(constraints, (&table.name,))?.rows()?;
    let indexes = concat!(
        "select pg_get_indexdef(x.indexrelid) from pg_index x \
        join pg_class c on c.oid = x.indrelid join pg_namespace n on n.oid = c.relnamespace \
        where ",
        name!("n.nspname", "c.relname"),
        " = $1::text order by 1"
    );
    table.indexes = db.query(indexes, (&table.name,))?.rows()?;
    Ok(())
}
