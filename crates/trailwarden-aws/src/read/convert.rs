//! Values of the SDK in the model's words.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// A time; none when there is none or it lies outside what a timestamp can hold.
pub(crate) fn instant(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// A string that AWS may leave out or empty.
pub(crate) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|text| !text.is_empty()).map(str::to_owned)
}
