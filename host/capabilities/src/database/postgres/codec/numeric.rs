//! Numbers with all their digits: the server keeps four of them in each 16 bits.

use super::Reader;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
/// As many digits before and after the point as the server keeps.
const WHOLE: usize = 131_072;
const FRACTION: usize = 16_383;

/// From the server's form.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader(bytes);
    let (count, weight, sign, scale) = (reader.u16()?, reader.i16()?, reader.u16()?, reader.u16()?);
    match sign {
        NAN => return Some("NaN".to_owned()),
        INFINITY => return Some("Infinity".to_owned()),
        NEGATIVE_INFINITY => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let groups: Vec<u16> =
        (0..count).map(|_| reader.u16().filter(|group| *group < 10_000)).collect::<Option<_>>()?;
    let group =
        |index: i32| usize::try_from(index).ok().and_then(|index| groups.get(index)).copied().unwrap_or(0);
    let mut text = if sign == NEGATIVE { "-".to_owned() } else { String::new() };
    match weight {
        ..0 => text.push('0'),
        weight => {
            text.push_str(&group(0).to_string());
            (1..=i32::from(weight)).for_each(|index| text.push_str(&format!("{:04}", group(index))));
        }
    }
    if scale > 0 {
        let scale = usize::from(scale);
        let mut fraction = String::with_capacity(scale + 4);
        let mut index = i32::from(weight) + 1;
        // Zeros between the point and the first group.
        (index..0).for_each(|_| fraction.push_str("0000"));
        index = index.max(0);
        while fraction.len() < scale {
            fraction.push_str(&format!("{:04}", group(index)));
            index += 1;
        }
        fraction.truncate(scale);
        text.push('.');
        text.push_str(&fraction);
    }
    Some(text)
}

/// To the server's form; nothing if it isn't a number, or is too large for the server.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let special =
        |sign: u16| Some([0, 0, 0, 0].into_iter().chain(sign.to_be_bytes()).chain([0, 0]).collect());
    match text.to_ascii_lowercase().as_str() {
        "nan" => return special(NAN),
        "infinity" | "inf" | "+infinity" => return special(INFINITY),
        "-infinity" | "-inf" => return special(NEGATIVE_INFINITY),
        _ => {}
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (NEGATIVE, rest),
        None => (0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = plain(digits)?;
    let scale = u16::try_from(fraction.len()).ok()?;
    let pad = (4 - whole.len() % 4) % 4;
    let padded = format!("{}{whole}", "0".repeat(pad));
    let mut weight = i32::try_from(padded.len() / 4).ok()? - 1;
    let tail = (4 - fraction.len() % 4) % 4;
    let all = format!("{padded}{fraction}{}", "0".repeat(tail));
    let mut groups: Vec<u16> = all
        .as_bytes()
        .chunks(4)
        .map(|four| std::str::from_utf8(four).ok()?.parse().ok())
        .collect::<Option<_>>()?;
    let leading = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..leading);
    weight -= i32::try_from(leading).ok()?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    let mut bytes = Vec::with_capacity(8 + groups.len() * 2);
    bytes.extend(u16::try_from(groups.len()).ok()?.to_be_bytes());
    bytes.extend(i16::try_from(weight).ok()?.to_be_bytes());
    bytes.extend(sign.to_be_bytes());
    bytes.extend(scale.to_be_bytes());
    groups.iter().for_each(|group| bytes.extend(group.to_be_bytes()));
    Some(bytes)
}

/// The digits before and after the point, without an exponent.
fn plain(digits: &str) -> Option<(String, String)> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digit = |b: u8| b.is_ascii_digit();
    if whole.len() + fraction.len() == 0 || !whole.bytes().chain(fraction.bytes()).all(is_digit) {
        return None;
    }
    if exponent.unsigned_abs() > 150_000 {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let (whole, fraction) = match usize::try_from(point) {
        Ok(point) if point >= all.len() => (format!("{all}{}", "0".repeat(point - all.len())), String::new()),
        Ok(point) => (all.get(..point)?.to_owned(), all.get(point..)?.to_owned()),
        Err(_) => {
            let zeros = usize::try_from(point.unsigned_abs()).ok()?;
            (String::new(), format!("{}{all}", "0".repeat(zeros)))
        }
    };
    (whole.len() <= WHOLE && fraction.len() <= FRACTION).then_some((whole, fraction))
}
