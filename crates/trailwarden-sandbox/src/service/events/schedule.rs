//! Schedules of rules: `rate(value unit)` and `cron(six fields)`.

/// True for a schedule that EventBridge takes.
pub fn is_valid(text: &str) -> bool {
    let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (inside("rate"), inside("cron")) {
        (Some(rate), _) => is_rate(rate),
        (_, Some(cron)) => is_cron(cron),
        _ => false,
    }
}

/// One unit is written in the singular, more in the plural.
fn is_rate(text: &str) -> bool {
    let Some((number, unit)) = text.split_once(' ') else { return false };
    match number.parse::<u32>() {
        Ok(1) => ["minute", "hour", "day"].contains(&unit),
        Ok(2..) => ["minutes", "hours", "days"].contains(&unit),
        _ => false,
    }
}

/// Minutes, hours, day of month, month, day of week, year; one of the two days is `?`.
fn is_cron(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let is_field = |field: &&str| field.bytes().all(|b| b.is_ascii_alphanumeric() || b",-*?/#".contains(&b));
    match fields.as_slice() {
        [_, _, day, _, weekday, _] => (*day == "?") != (*weekday == "?") && fields.iter().all(is_field),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn schedules_are_those_that_eventbridge_takes() {
        for text in ["rate(1 hour)", "rate(5 minutes)", "cron(0 12 * * ? *)", "cron(0/15 8-18 ? * MON-FRI *)"] {
            assert!(is_valid(text), "{text}");
        }
        for text in
            ["rate(1 hours)", "rate(5 minute)", "rate(0 days)", "cron(0 12 * * * *)", "cron(0 12 * * ?)", "hourly"]
        {
            assert!(!is_valid(text), "{text}");
        }
    }
}
