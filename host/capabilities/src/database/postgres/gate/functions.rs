//! Which functions may be called: those of the server that compute from their arguments, and nothing else.
//!
//! A function of the operator's own is refused too, by its name: it may do anything, with the rights of whoever made it.
//! What one should give to plugins belongs in a view.

use std::{collections::HashSet, sync::LazyLock};

use cofferdam_policy::Code;

use super::super::super::DatabaseError;

/// By theme, as in the server's manual.
const ALLOWED: &[&str] = &[
    // comparison, conditions
    "coalesce greatest least nullif num_nonnulls num_nulls row",
    // numbers
    "abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot cotd degrees \
     div erf erfc exp factorial floor gcd lcm ln log log10 min_scale mod pi pow power radians random random_normal round \
     scale sign sin sind sinh sqrt tan tand tanh trim_scale trunc width_bucket",
    // text
    "ascii bit_count bit_length btrim char_length character_length chr concat concat_ws format initcap left length lower \
     lpad ltrim md5 normalize octet_length overlay position quote_ident quote_literal quote_nullable regexp_count \
     regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table \
     regexp_substr repeat replace reverse right rpad rtrim split_part starts_with string_to_array string_to_table strpos \
     substr substring to_ascii to_hex translate trim unicode_assigned upper casefold",
    // bytes
    "convert_from convert_to decode encode get_bit get_byte set_bit set_byte sha224 sha256 sha384 sha512 crc32 crc32c",
    // formats
    "to_char to_date to_number to_timestamp",
    // dates and times
    "age clock_timestamp current_date current_time current_timestamp date_add date_bin date_part date_subtract date_trunc \
     extract isfinite justify_days justify_hours justify_interval localtime localtimestamp make_date make_interval \
     make_time make_timestamp make_timestamptz now statement_timestamp timeofday timezone transaction_timestamp date time \
     timestamp timestamptz interval overlaps",
    // enums, geometry, addresses
    "enum_first enum_last enum_range area box center circle diagonal diameter height isclosed isopen line lseg npoints path \
     pclose point polygon popen radius slope width abbrev broadcast family host hostmask inet_merge inet_same_family \
     masklen netmask network set_masklen macaddr8_set7bit",
    // full text
    "array_to_tsvector numnode phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_delete \
     ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array websearch_to_tsquery",
    // trigrams, accents and such, where the operator has installed them
    "similarity word_similarity strict_word_similarity show_trgm unaccent levenshtein soundex difference metaphone \
     dmetaphone",
    // UUIDs
    "gen_random_uuid uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version",
    // JSON
    "array_to_json json_array json_array_elements json_array_elements_text json_array_length json_build_array \
     json_build_object json_each json_each_text json_exists json_extract_path json_extract_path_text json_object \
     json_object_keys json_populate_record json_populate_recordset json_query json_scalar json_serialize \
     json_strip_nulls json_to_record json_to_recordset json_typeof json_value jsonb_array_elements \
     jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text \
     jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_keys jsonb_path_exists \
     jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query jsonb_path_query_array \
     jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz \
     jsonb_populate_record jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls \
     jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb",
    // arrays and ranges
    "array array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions \
     array_prepend array_remove array_replace array_sample array_shuffle array_to_string array_upper cardinality \
     trim_array unnest isempty lower_inc lower_inf multirange range_merge upper_inc upper_inf int4range int8range \
     numrange daterange tsrange tstzrange int4multirange int8multirange nummultirange datemultirange tsmultirange \
     tstzmultirange",
    // aggregates
    "any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or count every json_agg json_arrayagg json_object_agg \
     json_objectagg jsonb_agg jsonb_object_agg max min range_agg range_intersect_agg string_agg sum corr covar_pop \
     covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev \
     stddev_pop stddev_samp var_pop var_samp variance mode percentile_cont percentile_disc grouping",
    // windows
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number",
    // rows from nothing
    "generate_series generate_subscripts",
    // about the session and its tables
    "current_database current_schema current_schemas format_type col_description obj_description pg_typeof pg_column_size \
     pg_get_constraintdef pg_get_indexdef pg_get_expr pg_table_is_visible pg_relation_size \
     pg_total_relation_size pg_table_size pg_indexes_size pg_size_pretty pg_size_bytes to_regclass to_regtype",
];

/// What counts a sequence on, and what it gave: for those who may write.
const SEQUENCES: &[&str] = &["nextval", "currval", "lastval"];

/// Beginnings of names that reach out of the statement: files, other servers, sessions, settings, statements in text.
/// The list above already refuses them; this one refuses them wherever they stand before a parenthesis, however the
/// statement around them is understood.
const OUTSIDE: &[&str] = &[
    "dblink",
    "lo_",
    "lowrite",
    "loread",
    "set_config",
    "setval",
    "query_to_xml",
    "table_to_xml",
    "schema_to_xml",
    "database_to_xml",
    "cursor_to_xml",
    "ts_rewrite",
    "ts_stat",
];

static NAMES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| ALLOWED.iter().flat_map(|line| line.split_ascii_whitespace()).collect());

/// Whether it just computes.
pub(super) fn is_allowed(name: &str) -> bool {
    NAMES.contains(name)
}

/// Whether it counts a sequence on.
pub(super) fn is_sequence(name: &str) -> bool {
    SEQUENCES.contains(&name)
}

/// Whether it is known to do more than compute.
pub(super) fn reaches_outside(name: &str) -> bool {
    OUTSIDE.iter().any(|beginning| name.starts_with(beginning))
}

/// The denial of a call.
pub(super) fn refused(name: &str) -> DatabaseError {
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    super::refused(
        Code::DatabaseFunction,
        format!(
            "the function `{name}` is not open to plugins: only the server's own that compute from their arguments are"
        ),
    )
}
