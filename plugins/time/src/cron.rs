//! The tool `cron`: what a cron expression means, and when it runs next.

use cofferdam_sdk::prelude::*;
use croner::parser::{CronParser, Seconds, Year};
use croner::{Cron, JobType};
use jiff::{Timestamp, Zoned};

use crate::local::Ambiguous;
use crate::read::{self, Reader};
use crate::shown::Moment;
use crate::zone;

mod plain;

/// The expression, and where and when it runs.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The cron expression, e.g. `*/15 9-17 * * MON-FRI`: minute, hour, day of month, month, day of week.
    /// A sixth field in front is seconds, a seventh at the end is the year; `@daily` and the like work, as do
    /// `L` (last), `W` (nearest working day) and `#` (nth weekday).
    #[schemars(length(min = 1, max = 200))]
    expression: String,
    /// `standard`: as in crontab, Sunday is 0 or 7. `quartz`: as in Java's Quartz, six or seven fields with
    /// seconds first, and Sunday is 1.
    #[serde(default)]
    dialect: Dialect,
    /// The time zone of the clock that the expression runs by: an IANA name, an unambiguous city or an offset.
    #[schemars(length(min = 1, max = zone::MAX_ZONE))]
    #[serde(default = "utc")]
    zone: String,
    /// List runs after this date and time (not at it): `2024-07-01 14:30`, `2024-07-01T14:30:00+02:00`, `now`.
    #[schemars(length(min = 1, max = read::MAX_MOMENT))]
    #[serde(default = "now")]
    after: String,
    /// How many runs to list; 0 only explains.
    #[schemars(range(max = 100))]
    #[serde(default = "five")]
    count: usize,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn now() -> String {
    "now".to_owned()
}

fn five() -> usize {
    5
}

/// How weekdays are numbered and which fields there are.
#[derive(Clone, Copy, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Dialect {
    #[default]
    Standard,
    Quartz,
}

/// What an expression means.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Explained {
    /// The expression in English.
    pub(crate) description: String,
    /// What happens when clocks change in the zone.
    pub(crate) clock_changes: String,
    /// The next runs, the first one first; fewer than asked for when there are no more.
    pub(crate) next: Vec<Moment>,
}

/// Explain a cron expression in plain English and list its next runs in a time zone, clock changes included.
/// Use it to read, check or write a schedule: seeing the runs shows whether the expression says what is meant.
#[tool(title = "Explain cron", read_only, idempotent, open_world = false)]
pub(crate) fn cron(args: Args) -> Result<Explained> {
    from(Timestamp::now(), &args)
}

fn from(now: Timestamp, args: &Args) -> Result<Explained> {
    let cron = parse(&args.expression, args.dialect)?;
    let zone = zone::parse(&args.zone)?;
    let reader = Reader { now, zone: Some(zone.clone()), ambiguous: Ambiguous::Compatible };
    let after = reader.read("after", &args.after)?.zoned.with_time_zone(zone);
    let next = next(&cron, after, args.count)?;
    if args.count > 0 && next.is_empty() {
        return Err(ToolError::invalid(format!(
            "`{}` never runs after {}: its day of month, month, weekday and year never meet",
            args.expression, args.after
        )));
    }
    Ok(Explained {
        description: plain::describe(&cron),
        clock_changes: clock_changes(&cron).to_owned(),
        next,
    })
}

fn parse(expression: &str, dialect: Dialect) -> Result<Cron> {
    let quartz = dialect == Dialect::Quartz;
    let parser = CronParser::builder()
        .seconds(if quartz { Seconds::Required } else { Seconds::Optional })
        .year(Year::Optional)
        .alternative_weekdays(quartz)
        .sloppy_ranges(quartz)
        .build();
    parser.parse(expression.trim()).map_err(|error| {
        let expected = if quartz {
            "6 or 7 fields (second minute hour day-of-month month day-of-week [year]), such as `0 0/15 9-17 ? * MON-FRI`"
        } else {
            "5 fields (minute hour day-of-month month day-of-week), 6 with seconds in front or 7 with a year at the end, \
             such as `*/15 9-17 * * MON-FRI`"
        };
        ToolError::invalid(format!("`{expression}` is not a cron expression: {}; expected {expected}", reason(&error)))
    })
}

fn reason(error: &croner::errors::CronError) -> String {
    let text = error.to_string();
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn clock_changes(cron: &Cron) -> &'static str {
    match cron.determine_job_type() {
        JobType::FixedTime => {
            "a run in the hour that is skipped happens right after it, one in the hour that is repeated happens once"
        }
        JobType::IntervalWildcard => {
            "runs in the hour that is skipped do not happen, those in the hour that is repeated happen twice"
        }
    }
}

fn next(cron: &Cron, after: Zoned, count: usize) -> Result<Vec<Moment>> {
    let mut runs = Vec::with_capacity(count);
    let mut last = after;
    while runs.len() < count {
        match cron.find_next_occurrence(&last, false) {
            Ok(run) => {
                runs.push(Moment::of(&run));
                last = run;
            }
            Err(croner::errors::CronError::TimeSearchLimitExceeded) => break,
            Err(error) => {
                return Err(ToolError::failed(format!("no next run can be computed: {}", reason(&error))));
            }
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Explained> {
        let now = "2024-07-01T10:07:00Z".parse().unwrap();
        from(now, &serde_json::from_value(args).unwrap())
    }

    fn runs(args: serde_json::Value) -> Vec<String> {
        call(args).unwrap().next.into_iter().map(|run| run.iso).collect()
    }

    #[test]
    fn without_runs_it_only_explains() {
        let explained = call(json!({"expression": "0 9 * * 1", "count": 0})).unwrap();
        assert_eq!((explained.description.as_str(), explained.next.len()), ("At 09:00, on Monday.", 0));
        assert!(
            explained.clock_changes.starts_with("a run in the hour that is skipped happens right after it")
        );
    }

    #[test]
    fn runs_are_listed_in_the_zone() {
        let args = json!({"expression": "*/15 * * * *", "count": 2});
        assert_eq!(runs(args), ["2024-07-01T10:15:00+00:00", "2024-07-01T10:30:00+00:00"]);
        let args = json!({"expression": "0 9 * * MON-FRI", "zone": "Europe/Oslo", "count": 1, "after": "2024-07-05 09:00"});
        assert_eq!(runs(args), ["2024-07-08T09:00:00+02:00"]);
        let args = json!({"expression": "0 0 29 2 *", "count": 2});
        assert_eq!(runs(args), ["2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"]);
        assert_eq!(runs(json!({"expression": "@hourly"})).len(), 5);
    }

    #[test]
    fn clock_changes_are_honoured() {
        let fixed = json!({"expression": "30 2 * * *", "zone": "Europe/Oslo", "after": "2024-03-30 12:00", "count": 2});
        assert_eq!(runs(fixed), ["2024-03-31T03:00:00+02:00", "2024-04-01T02:30:00+02:00"]);
        let repeated = json!({"expression": "30 * * * *", "zone": "Europe/Oslo", "after": "2024-10-27T02:00+02:00", "count": 2});
        assert_eq!(runs(repeated), ["2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00"]);
    }

    #[test]
    fn quartz_numbers_weekdays_from_sunday() {
        let args = json!({"expression": "0 0 12 ? * 6", "dialect": "quartz", "count": 1});
        assert_eq!(runs(args), ["2024-07-05T12:00:00+00:00"]);
    }

    #[test]
    fn a_year_ends_the_list() {
        let args = json!({"expression": "0 0 12 24 12 * 2024", "count": 5});
        assert_eq!(runs(args), ["2024-12-24T12:00:00+00:00"]);
    }

    #[test]
    fn what_is_not_an_expression_is_refused() {
        for expression in ["", "hello", "* * * *", "61 * * * *", "* * * * * * * *", "@reboot", "*/0 * * * *"]
        {
            let error = call(json!({"expression": expression})).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{expression}` is not a cron expression: ")), "{error}");
            assert!(error.contains("expected 5 fields"), "{error}");
        }
    }

    #[test]
    fn what_never_runs_is_said() {
        let error = call(json!({"expression": "0 0 30 2 *"})).unwrap_err().to_string();
        assert!(error.starts_with("`0 0 30 2 *` never runs after now"), "{error}");
    }

    #[test]
    fn the_tool_itself_answers() {
        assert_eq!(
            mock::Host::new().call::<super::cron>(json!({"expression": "@daily"})).unwrap().next.len(),
            5
        );
    }
}
