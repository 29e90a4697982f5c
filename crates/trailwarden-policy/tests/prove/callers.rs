//! Who can call: every ARN that IAM can give to somebody, and none that it cannot.

use super::{assert_denied, deny_unless, opened, stop};

#[test]
fn a_path_may_hold_a_colon_over_which_the_star_of_string_like_runs() {
    let declared = ["arn:aws:iam::111122223333:role/Guardian"];
    let exempt = r#""arn:aws:iam::*:role/Guardian""#;
    let found = opened(stop(&deny_unless("StringNotLike", "aws:PrincipalArn", exempt), &declared));
    let caller = found.request.principal.to_string();
    assert!(caller.starts_with("arn:aws:iam::111122223333:role/") && caller.ends_with(":role/Guardian"), "{caller}");
    assert_denied(&stop(&deny_unless("ArnNotLike", "aws:PrincipalArn", exempt), &declared));
    opened(stop(&deny_unless("ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/a:b/*""#), &[]));
}

#[test]
fn nobody_has_a_name_that_iam_refuses() {
    for exempt in [
        "arn:aws:iam::*:role/Ädmin",
        "arn:aws:iam::*:role/Admin!",
        "arn:aws:iam::*:role/a:b",
        "arn:aws:iam::*:role/a b/Admin",
        "arn:aws:iam::*:user/a~b",
        "arn:aws:sts::*:federated-user/a/b",
        "arn:aws:sts::*:federated-user/a:b",
        "arn:aws:iam::*:role//Admin",
    ] {
        assert_denied(&stop(&deny_unless("ArnNotLike", "aws:PrincipalArn", &format!("{exempt:?}")), &[]));
    }
    for exempt in ["arn:aws:iam::*:role/a!b/Admin", "arn:aws:iam::*:user/a+b=c,d.e@f_g-h", "arn:aws:iam::*:root"] {
        opened(stop(&deny_unless("ArnNotLike", "aws:PrincipalArn", &format!("{exempt:?}")), &[]));
    }
}
