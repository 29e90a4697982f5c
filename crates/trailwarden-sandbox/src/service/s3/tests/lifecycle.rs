//! Lifecycle configurations: kept whole, and refused where S3 refuses them.

use super::*;

const ALL: &str = "<Filter><Prefix></Prefix></Filter>";

fn put(world: &mut World, rules: &str) -> (u16, String) {
    let body = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
    code(call(world, OWNER, "eu-west-1", "PUT /logs-bucket?lifecycle", &body))
}

fn rule(inside: &str) -> (u16, String) {
    put(&mut world(), &format!("<Rule><Status>Enabled</Status>{inside}</Rule>"))
}

#[test]
fn a_lifecycle_configuration_comes_back_as_it_was_put() {
    let mut world = world();
    let sent = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
        <Rule><ID>all</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
        <Transition><Days>90</Days><StorageClass>GLACIER_IR</StorageClass></Transition>\
        <Expiration><Days>400</Days></Expiration></Rule>\
        <Rule><ID>old</ID><Filter><Prefix>AWSLogs/</Prefix></Filter><Status>Disabled</Status>\
        <Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>\
        <Rule><ID>narrow</ID><Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
        <ObjectSizeLessThan>500</ObjectSizeLessThan></And></Filter><Status>Enabled</Status>\
        <NoncurrentVersionTransition><NoncurrentDays>7</NoncurrentDays><StorageClass>GLACIER</StorageClass>\
        <NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionTransition>\
        <NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration></Rule>\
        </LifecycleConfiguration>";
    assert_eq!(code(call(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket?lifecycle", sent)), (200, String::new()));
    let shown = xml(call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?lifecycle", ""));
    assert_eq!(Some(shown), Element::parse(sent));
    for (wrong, refusal) in [
        ("<Filter/><Status>Enabled</Status>", "InvalidArgument"),
        ("<Status>Enabled</Status><Expiration><Days>1</Days></Expiration>", "MalformedXML"),
        ("<Filter/><Status>On</Status><Expiration><Days>1</Days></Expiration>", "MalformedXML"),
        ("<Filter/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration>", "InvalidArgument"),
    ] {
        let body = format!("<LifecycleConfiguration><Rule>{wrong}</Rule></LifecycleConfiguration>");
        let put = call(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket?lifecycle", &body);
        assert_eq!(code(put), refused(400, refusal), "{wrong}");
    }
}

#[test]
fn a_rule_that_contradicts_itself_is_refused() {
    let moves = |days: i64, class: &str| {
        format!("<Transition><Days>{days}</Days><StorageClass>{class}</StorageClass></Transition>")
    };
    let expires = |days: i64| format!("<Expiration><Days>{days}</Days></Expiration>");
    let old = |days: i64| {
        format!("<NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays></NoncurrentVersionExpiration>")
    };
    let abort =
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>";
    let tagged = "<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>";
    for (inside, refusal) in [
        (format!("{ALL}{}{}", moves(90, "GLACIER"), expires(365)), ""),
        (format!("{ALL}{}{}{}", moves(30, "STANDARD_IA"), moves(60, "GLACIER"), expires(61)), ""),
        (format!("{ALL}{abort}"), ""),
        (format!("{ALL}{}{}", moves(90, "GLACIER"), expires(30)), "InvalidArgument"),
        (format!("{ALL}{}", moves(29, "STANDARD_IA")), "InvalidArgument"),
        (format!("{ALL}{}{}", moves(30, "STANDARD_IA"), moves(59, "GLACIER")), "InvalidArgument"),
        (format!("{ALL}{}{}", moves(30, "GLACIER"), moves(60, "GLACIER")), "InvalidRequest"),
        (
            format!("{ALL}{}<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>", moves(30, "GLACIER")),
            "InvalidRequest",
        ),
        (format!("{ALL}{}", old(0)), "InvalidArgument"),
        (format!("{tagged}{abort}"), "InvalidRequest"),
        (format!("{ALL}<Expiration></Expiration>{}", moves(90, "GLACIER")), "MalformedXML"),
        (format!("<Filter><And><Prefix>a/</Prefix></And></Filter>{}", expires(30)), "MalformedXML"),
        (format!("{ALL}{}<Other/>", expires(30)), "MalformedXML"),
    ] {
        let expected = if refusal.is_empty() { (200, String::new()) } else { refused(400, refusal) };
        assert_eq!(rule(&inside), expected, "{inside}");
    }
}

#[test]
fn the_old_and_the_new_place_of_the_prefix_do_not_go_together() {
    let expires = "<Status>Enabled</Status><Expiration><Days>30</Days></Expiration>";
    let (old, new) = (format!("<Rule><Prefix>a/</Prefix>{expires}</Rule>"), format!("<Rule>{ALL}{expires}</Rule>"));
    let mut world = world();
    assert_eq!(put(&mut world, &old), (200, String::new()));
    assert_eq!(put(&mut world, &format!("{old}{new}")), refused(400, "InvalidRequest"));
}

#[test]
fn the_smallest_object_that_moves_is_kept_with_the_rules() {
    const HEADER: &str = "x-amz-transition-default-minimum-object-size";
    let mut world = world();
    let body = format!(
        "<LifecycleConfiguration><Rule><Status>Enabled</Status>{ALL}<Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>"
    );
    for (value, status) in [("varies_by_storage_class", 200), ("all_storage_classes_128K", 200), ("none", 400)] {
        let put = call_with(&mut world, OWNER, "eu-west-1", "PUT /logs-bucket?lifecycle", &body, &[(HEADER, value)]);
        assert_eq!(code(put).0, status, "{value}");
        if status == 200 {
            let got = call(&mut world, OWNER, "eu-west-1", "GET /logs-bucket?lifecycle", "").expect("got");
            assert!(got.headers.contains(&(HEADER.to_owned(), value.to_owned())), "{:?}", got.headers);
        }
    }
}
