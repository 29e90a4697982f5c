//! SNS: the topic that alarms speak to.

use serde_json::json;
use trailwarden_model::plan::Tag;

use super::writes;
use crate::shape::Shape;

writes! { aws_sdk_sns sns;
    create_topic(name: str, tags: [Tag]) at 5 = "sns:CreateTopic",
        |client| client.create_topic().name(name).set_tags(Some(Shape::read(&json!(tags))?));
    delete_topic(topic: str) at 5 = "sns:DeleteTopic", |client| client.delete_topic().topic_arn(topic);
    set_topic_attributes(topic: str, name: str, value: str) at 5 = "sns:SetTopicAttributes",
        |client| client.set_topic_attributes().topic_arn(topic).attribute_name(name).attribute_value(value);
    subscribe(topic: str, protocol: str, endpoint: str) at 5 = "sns:Subscribe",
        |client| client.subscribe().topic_arn(topic).protocol(protocol).endpoint(endpoint);
}
