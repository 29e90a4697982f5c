//! Whatever text comes in: an answer or a clear refusal, never a panic, and places that lie inside the text.

#[cfg(test)]
mod hostile {
    use proptest::prelude::*;
    use trailwarden_policy::{
        Context, Document, Kind, MAX_LENGTH, Principal, Request, Size, Span, evaluate_resource_policy, lint,
    };

    const KINDS: [Kind; 5] = [Kind::ServiceControl, Kind::ResourceControl, Kind::Resource, Kind::Trust, Kind::Identity];

    /// A document with every element, to be mutilated.
    const WHOLE: &str = r#"{"Version":"2012-10-17","Id":"x","Statement":[
        {"Sid":"A","Effect":"Deny","NotAction":["iam:*","s3:Get?bject"],"Resource":["arn:aws:s3:::b/${aws:username, 'x'}/*","*"],
         "Condition":{"ForAnyValue:StringNotLikeIfExists":{"aws:TagKeys":["a*","${*}"]},"Null":{"aws:SourceVpc":true},
          "NumericLessThan":{"kms:ScheduleKeyDeletionPendingWindowInDays":30},"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},
          "IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/é\u00e9"}}},
        {"Effect":"Allow","Action":"logs:*","NotResource":"arn:aws:logs:*:*:log-group:trail"}]}"#;

    fn is_inside(span: Span, text: &str) -> bool {
        span.start <= span.end && text.get(span.start..span.end).is_some()
    }

    fn request() -> Request {
        Request {
            principal: Principal::Aws("arn:aws:iam::111122223333:role/x".to_owned()),
            action: "s3:GetObject".to_owned(),
            resource: "arn:aws:s3:::b/x/y".to_owned(),
            context: Context::new().with("aws:username", "x").with("aws:SourceIp", "192.0.2.1"),
        }
    }

    /// Reads, lints and evaluates a text as every kind of policy; fails when a place lies outside of it.
    fn try_all(text: &str) -> Result<(), TestCaseError> {
        for kind in KINDS {
            let document = match Document::parse(kind, text) {
                Ok(document) => document,
                Err(malformed) => {
                    prop_assert!(is_inside(malformed.span, text), "{malformed:?}");
                    prop_assert!(!malformed.reason.is_empty());
                    continue;
                }
            };
            for statement in &document.statements {
                let actions = statement.actions.patterns.iter().map(|pattern| pattern.span);
                let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
                let conditions = statement.conditions.iter().map(|condition| condition.span);
                for span in actions.chain(resources.map(|pattern| pattern.span)).chain(conditions) {
                    prop_assert!(is_inside(span, text));
                    prop_assert!(statement.span.start < span.start && span.end < statement.span.end);
                }
            }
            for lint in lint(&document) {
                prop_assert!(is_inside(lint.span, text), "{lint:?}");
            }
            evaluate_resource_policy(&document, &request());
        }
        prop_assert!(Size::of(text).minified <= Size::of(text).as_sent);
        Ok(())
    }

    fn refusal(text: &str) -> String {
        Document::parse(Kind::ServiceControl, text).expect_err("refused").reason
    }

    fn scp(statement: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)
    }

    #[test]
    fn the_whole_document_is_read() {
        assert!(Document::parse(Kind::ServiceControl, WHOLE).is_ok(), "{}", refusal(WHOLE));
        try_all(WHOLE).expect("places inside");
    }

    #[test]
    fn depth_and_length_are_bounded_with_a_reason() {
        assert!(refusal(&"[".repeat(MAX_LENGTH)).contains("nested deeper"));
        assert!(refusal(&"{\"a\":".repeat(10_000)).contains("nested deeper"));
        assert!(refusal(&" ".repeat(MAX_LENGTH + 1)).contains("longer than"));
        let deep = format!(
            r#"{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"StringLike":{{"a:b":{}1{}}}}}}}"#,
            "[".repeat(20),
            "]".repeat(20)
        );
        assert!(refusal(&scp(&deep)).contains("condition value"));
    }

    #[test]
    fn huge_lists_and_long_texts_get_an_answer() {
        let many = |item: &str, n: usize| vec![format!("\"{item}\""); n].join(",");
        let stars = "a*?".repeat(2_000);
        let texts = [
            format!(
                r#"{{"Effect":"Deny","Action":[{}],"Resource":[{}]}}"#,
                many("s3:*", 900),
                many("arn:aws:s3:::b", 500)
            ),
            format!(r#"{{"Effect":"Deny","Action":"s3:{stars}","Resource":"arn:aws:s3:::{stars}"}}"#),
            format!(
                r#"{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"StringLike":{{"{stars}":[{}]}}}}}}"#,
                many("a", 9_000)
            ),
            format!(r#"{{"Effect":"Deny","Action":"{}:Get","Resource":"*"}}"#, "s".repeat(100_000)),
            format!("[{}]", vec![r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#; 2_000].join(",")),
        ];
        for text in texts {
            assert!(Document::parse(Kind::ServiceControl, &scp(&text)).is_ok());
            try_all(&scp(&text)).expect("places inside");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(text in "\\PC{0,80}") {
            try_all(&text)?;
        }

        #[test]
        fn any_json_gets_an_answer(text in r#"[\[\]{}:,"0-9a-zA-Z$* \\]{0,80}"#) {
            try_all(&text)?;
            try_all(&scp(&text))?;
        }

        #[test]
        fn a_mutilated_document_gets_an_answer(
            cuts in prop::collection::vec((0..WHOLE.len(), 0..40_usize, "[\\PC]{0,6}|\"|\\{|\\[|\\$\\{|:|,|\\*|null"), 1..4),
        ) {
            let mut text = WHOLE.to_owned();
            for (at, n, put) in cuts {
                let start = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                let end = (start + n..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
                text.replace_range(start..end, &put);
            }
            try_all(&text)?;
        }

        #[test]
        fn any_values_get_an_answer(
            operator in "(ForA[nl][yl]Values?:)?(StringLike|ArnNotEquals|NumericEquals|DateLessThan|Bool|IpAddress|BinaryEquals|Null)(IfExists)?",
            key in "\\PC{1,20}",
            value in "[\\PC]{0,20}",
            resource in "[a-z:*?${}'/, ]{0,30}",
        ) {
            let statement = serde_json::json!({
                "Effect": "Deny", "Action": "s3:*", "Resource": format!("arn:aws:s3:::{resource}"),
                "Condition": {operator: {key: value}},
            });
            try_all(&scp(&statement.to_string()))?;
        }
    }
}
