//! Keys that hold several values: what matters of a set is which classes it meets.

use super::{Values, assert_denied, deny, opened, stop};

fn conditions(of: &[&str]) -> String {
    let all: Vec<String> = of.iter().map(|one| deny(&format!(r#","Condition":{{{one}}}"#))).collect();
    all.join(",")
}

#[test]
fn any_and_all_of_one_pattern_leave_nothing_between_them() {
    let some_other = r#""ForAnyValue:StringNotLike":{"aws:TagKeys":"a*"}"#;
    let all_of_it = r#""ForAllValues:StringLike":{"aws:TagKeys":"a*"}"#;
    assert_denied(&stop(&conditions(&[some_other, all_of_it]), &[]));
    let some_of_it = r#""ForAnyValue:StringLike":{"aws:TagKeys":"a*"}"#;
    let found = opened(stop(&conditions(&[some_other, some_of_it]), &[]));
    assert_eq!(found.request.context.get("aws:TagKeys"), None, "no value is neither");
}

#[test]
fn a_set_that_meets_many_classes_at_once_is_found() {
    let each: Vec<String> =
        ('a'..='g').map(|c| format!(r#""ForAllValues:StringNotLike":{{"aws:TagKeys":"{c}*"}}"#)).collect();
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    let found = opened(stop(&conditions(&each), &[]));
    let Some(Values::Many(values)) = found.request.context.get("aws:TagKeys") else { panic!("{found:?}") };
    assert!(('a'..='g').all(|c| values.iter().any(|value| value.starts_with(c))), "{values:?}");
    let too_many = r#""ForAnyValue:StringLike":{"aws:TagKeys":"g*"}"#;
    assert_denied(&stop(&conditions(&[each.as_slice(), &[too_many]].concat()), &[]));
}

#[test]
fn a_key_of_one_value_has_one_however_it_is_asked_for() {
    let statements = conditions(&[
        r#""ForAllValues:StringLike":{"aws:PrincipalTag/team":"a*"}"#,
        r#""ForAllValues:StringNotLike":{"aws:PrincipalTag/team":"a*"}"#,
    ]);
    assert_denied(&stop(&statements, &[]));
    // Of several tag keys some may be like it and some not.
    opened(stop(&statements.replace("aws:PrincipalTag/team", "aws:TagKeys"), &[]));
}

#[test]
fn several_values_without_a_set_form_are_not_settled() {
    let plain = conditions(&[r#""StringLike":{"aws:TagKeys":"a*"}"#, r#""StringNotLike":{"aws:TagKeys":"a*"}"#]);
    assert!(!stop(&plain, &[]).is_denied());
}
