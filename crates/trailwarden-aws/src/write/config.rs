//! AWS Config: the recorder of a region and its delivery channel.

use serde_json::Value;

use super::writes;
use crate::shape::Shape;

writes! { aws_sdk_config config;
    put_recorder(recorder: Value) at 2 = "config:PutConfigurationRecorder",
        |client| client.put_configuration_recorder().configuration_recorder(Shape::read(recorder)?);
    delete_recorder(name: str) at 2 = "config:DeleteConfigurationRecorder",
        |client| client.delete_configuration_recorder().configuration_recorder_name(name);
    put_channel(channel: Value) at 2 = "config:PutDeliveryChannel",
        |client| client.put_delivery_channel().delivery_channel(Shape::read(channel)?);
    delete_channel(name: str) at 2 = "config:DeleteDeliveryChannel",
        |client| client.delete_delivery_channel().delivery_channel_name(name);
    start_recorder(name: str) at 2 = "config:StartConfigurationRecorder",
        |client| client.start_configuration_recorder().configuration_recorder_name(name);
    stop_recorder(name: str) at 2 = "config:StopConfigurationRecorder",
        |client| client.stop_configuration_recorder().configuration_recorder_name(name);
}
