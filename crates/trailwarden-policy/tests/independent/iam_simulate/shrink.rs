//! The smallest JSON that still shows something.

use serde_json::Value;

/// Takes away elements and members as long as it still shows.
pub fn smallest(value: &Value, mut shows: impl FnMut(&Value) -> bool) -> Value {
    let mut smallest = value.clone();
    loop {
        let smaller = (0..places(&smallest)).filter_map(|nth| without(&smallest, nth)).find(|smaller| shows(smaller));
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

/// How many elements and members there are to take away, at any depth.
fn places(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + places(item)).sum(),
        Value::Object(members) => members.values().map(|member| 1 + places(member)).sum(),
        _ => 0,
    }
}

fn without(value: &Value, nth: usize) -> Option<Value> {
    let mut value = value.clone();
    let mut left = nth;
    take(&mut value, &mut left).then_some(value)
}

/// Takes the `left`-th one away, counting down on the way.
fn take(value: &mut Value, left: &mut usize) -> bool {
    match value {
        Value::Array(items) => {
            for index in 0..items.len() {
                if *left == 0 {
                    items.remove(index);
                    return true;
                }
                *left -= 1;
                if take(&mut items[index], left) {
                    return true;
                }
            }
            false
        }
        Value::Object(members) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            for key in keys {
                if *left == 0 {
                    members.remove(&key);
                    return true;
                }
                *left -= 1;
                if members.get_mut(&key).is_some_and(|member| take(member, left)) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}
