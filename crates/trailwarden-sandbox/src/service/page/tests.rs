//! Walking pages to their end.

use super::*;
use crate::request::{Caller, CallerKind, Http};

fn request(operation: &str, token: Option<&str>) -> Request {
    Request {
        id: "id".to_owned(),
        operation: operation.to_owned(),
        caller: Caller {
            access_key: String::new(),
            account: "111122223333".parse().expect("valid"),
            kind: CallerKind::Root,
            name: String::new(),
            arn: String::new(),
            principal_arn: String::new(),
            user_id: String::new(),
        },
        region: "us-east-1".parse().expect("valid"),
        now: "2026-11-20T12:00:00Z".parse().expect("valid"),
        input: json!({"NextToken": token}),
        http: Http::default(),
    }
}

#[test]
fn an_empty_page_with_a_token_lies_between_the_first_and_the_rest() {
    let items = || (0..35).map(Value::from).collect::<Vec<_>>();
    let (mut token, mut sizes, mut seen) = (None, Vec::new(), Vec::new());
    loop {
        let page = uneven(&request("ListAccounts", token.as_deref()), items(), 20).expect("valid token");
        sizes.push(page.items.len());
        seen.extend(page.items);
        token = page.token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [10, 0, 20, 5]);
    assert_eq!(seen, items());
}

#[test]
fn a_token_of_another_operation_is_not_valid() {
    let items = || (0..35).map(Value::from).collect::<Vec<_>>();
    let page = uneven(&request("ListAccounts", None), items(), 20).expect("first page");
    assert_eq!(uneven(&request("ListPolicies", page.token.as_deref()), items(), 20), None);
    assert_eq!(uneven(&request("ListAccounts", Some("nonsense")), items(), 20), None);
}
