//! Documents far longer or deeper than AWS takes: an answer, or a refusal that says which bound was passed.

#[cfg(test)]
mod bounds {
    use trailwarden_policy::{Document, Kind, MAX_LENGTH, lint};

    fn refusal(text: &str) -> String {
        Document::parse(Kind::ServiceControl, text).expect_err("refused").reason
    }

    fn scp(statement: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)
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
    fn huge_lists_and_long_texts_are_read_and_linted() {
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
            let text = scp(&text);
            let document = Document::parse(Kind::ServiceControl, &text).expect("within the bounds");
            let spans = lint(&document).into_iter().map(|found| found.span);
            spans.for_each(|span| assert!(text.get(span.start..span.end).is_some(), "{span:?}"));
        }
    }
}
