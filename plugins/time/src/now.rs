//! The tool `now`: the present moment in one or more time zones.

use cofferdam_sdk::prelude::*;
use jiff::Timestamp;

use crate::shown::Moment;
use crate::zone;

/// Where the clocks hang.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// Time zones to show: IANA names (`Europe/Oslo`), unambiguous cities (`Tokyo`) or offsets (`+05:30`).
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = zone::MAX_ZONE)))]
    #[serde(default = "utc")]
    zones: Vec<String>,
}

fn utc() -> Vec<String> {
    vec!["UTC".to_owned()]
}

/// The present moment.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Now {
    /// The same moment in every zone that was asked for, in that order.
    pub(crate) moments: Vec<Moment>,
}

/// The current date and time, in UTC or in any time zones. Use it whenever an answer depends on what day or
/// time it is: you do not know it yourself.
#[tool(title = "Current time", read_only, open_world = false)]
pub(crate) fn now(args: Args) -> Result<Now> {
    at(Timestamp::now(), &args.zones)
}

fn at(now: Timestamp, zones: &[String]) -> Result<Now> {
    let moment = |name: &String| Ok(Moment::of(&now.to_zoned(zone::parse(name)?)));
    Ok(Now { moments: zones.iter().map(moment).collect::<Result<_>>()? })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    #[test]
    fn one_moment_is_shown_in_every_zone() {
        let now = "2024-07-01T12:00:00Z".parse().unwrap();
        let shown = at(now, &["UTC".to_owned(), "Tokyo".to_owned(), "-03:30".to_owned()]).unwrap();
        let times: Vec<_> = shown.moments.iter().map(|moment| moment.iso.as_str()).collect();
        assert_eq!(
            times,
            ["2024-07-01T12:00:00+00:00", "2024-07-01T21:00:00+09:00", "2024-07-01T08:30:00-03:30"]
        );
    }

    #[test]
    fn without_zones_it_is_utc_and_the_clock_is_read() {
        let before = Timestamp::now().as_second();
        let shown = mock::Host::new().call::<super::now>(json!({})).unwrap();
        let after = Timestamp::now().as_second();
        assert_eq!(shown.moments[0].zone, "UTC");
        assert!((before..=after).contains(&shown.moments[0].unix));
    }

    #[test]
    fn an_unknown_zone_is_an_error() {
        let error = mock::Host::new().call::<super::now>(json!({"zones": ["Atlantis"]})).unwrap_err();
        assert!(error.to_string().contains("`Atlantis` is not a time zone"), "{error}");
    }
}
