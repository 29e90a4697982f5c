//! What the SCPs of small organizations say about single requests: inheritance, exempt principals, absent keys, variables, and
//! documents that look right and are not. Verdicts were agreed by several independent evaluators or follow the IAM reference.

#[cfg(test)]
mod cases {
    use std::sync::Arc;

    use serde_json::Value;
    use trailwarden_policy::{
        AttachedPolicy, Chain, ChainNode, ChainVerdict, Context, Document, Kind, Principal, Request, Unbound, Values,
    };

    fn path_to<'a>(node: &'a Value, account: &str) -> Option<Vec<&'a Value>> {
        if node["id"] == account {
            return Some(vec![node]);
        }
        let mut path = node["children"].as_array()?.iter().find_map(|child| path_to(child, account))?;
        path.insert(0, node);
        Some(path)
    }

    fn node(policies: &Value, node: &Value) -> Arc<ChainNode> {
        let attached = |id: &Value| {
            let id = id.as_str().expect("an id").to_owned();
            let document = Document::parse(Kind::ServiceControl, &policies[&id].to_string());
            Arc::new(AttachedPolicy { name: id.clone(), id, document })
        };
        let policies = node["policies"].as_array().into_iter().flatten().map(attached).collect();
        let id = node["id"].as_str().expect("an id").to_owned();
        Arc::new(ChainNode { id, kind: Kind::ServiceControl, policies, gaps: Vec::new() })
    }

    fn chain(policies: &Value, organization: &Value, account: &str) -> Chain {
        let path = path_to(&organization["root"], account);
        let unbound = match path {
            _ if organization["management"] == account => Some(Unbound::ManagementAccount),
            None => Some(Unbound::OtherAccount),
            Some(_) => None,
        };
        let nodes = path.into_iter().flatten().map(|found| node(policies, found)).collect();
        Chain { account: account.to_owned(), organization: None, unbound, nodes }
    }

    fn request(case: &Value) -> Request {
        let text = |name: &str| case[name].as_str().expect("a text").to_owned();
        let mut context = Context::new();
        for (key, value) in case["context"].as_object().expect("a context") {
            context.set(
                key,
                match value.as_array() {
                    None => Values::from(value.as_str().expect("a text")),
                    Some(many) => {
                        Values::Many(many.iter().map(|one| one.as_str().expect("a text").to_owned()).collect())
                    }
                },
            );
        }
        Request {
            principal: Principal::Aws(text("principal")),
            action: text("action"),
            resource: text("resource"),
            context,
        }
    }

    #[test]
    fn every_case_has_its_verdict() {
        let data: Value = serde_json::from_str(include_str!("data/scp_cases.json")).expect("valid");
        let cases = data["cases"].as_array().expect("cases");
        assert!(!cases.is_empty());
        for case in cases {
            let request = request(case);
            let account = request.principal.account().expect("an account");
            let organization = &data["organizations"][case["organization"].as_str().expect("a key")];
            let verdict = chain(&data["policies"], organization, account).evaluate(&request);
            let word = match verdict {
                ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) => "allowed",
                ChainVerdict::ExplicitDeny(_) => "explicitDeny",
                ChainVerdict::ImplicitDeny { .. } => "implicitDeny",
                ChainVerdict::Undecided(_) => "undecided",
            };
            assert_eq!(word, case["expected"], "{case}: {verdict:?}");
        }
    }
}
