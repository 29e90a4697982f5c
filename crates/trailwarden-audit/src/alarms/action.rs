//! What happens when an alarm goes off: its own actions, or those of a composite alarm that it raises.

use trailwarden_model::ids::Arn;
use trailwarden_model::monitoring::Alarm;
use trailwarden_model::observed::Gap;

use super::composite;
use super::{Link, undecided};
use crate::cx::Cx;

/// Follows an alarm, raised alone among its neighbours, to somebody who hears of it.
pub(super) fn heard(cx: &Cx<'_>, alarm: &Alarm, neighbours: &[Alarm]) -> Link {
    let own = acts(cx, alarm);
    if matches!(own, Link::Holds(_)) {
        return own;
    }
    let follow = |composite: composite::Raised<'_>| match composite {
        composite::Raised::Yes(above) => {
            acts(cx, above).then(|words| Link::Holds(format!("raises composite alarm {} and {words}", above.name)))
        }
        composite::Raised::Undecided(above) => {
            let reason = format!("the rule of composite alarm {} is not understood", above.name);
            Link::Unread(undecided(reason, "cloudwatch:DescribeAlarms", &above.arn))
        }
    };
    match Link::best(composite::raised_by(alarm, neighbours).into_iter().map(follow), || own.clone()) {
        Link::Broken(_) => own,
        better => better,
    }
}

fn acts(cx: &Cx<'_>, alarm: &Alarm) -> Link {
    let name = &alarm.name;
    if alarm.alarm_actions.is_empty() {
        return Link::Broken(format!("alarm {name} has no action"));
    }
    if !alarm.actions_enabled {
        return Link::Broken(format!("the actions of alarm {name} are disabled"));
    }
    let nothing = || Link::Broken(format!("alarm {name} has no action"));
    Link::best(alarm.alarm_actions.iter().map(|action| acted(cx, action)), nothing)
}

fn acted(cx: &Cx<'_>, action: &str) -> Link {
    match action.parse::<Arn>() {
        Ok(arn) if arn.service() == "sns" => match notified(cx, &arn) {
            Ok(Ok(())) => Link::Holds(format!("notifies {arn}")),
            Ok(Err(why)) => Link::Broken(format!("topic {arn} {why}")),
            Err(gap) => Link::Unread(gap),
        },
        _ => Link::Holds(format!("starts {action}")),
    }
}

/// Whether a topic has somebody who is told; if not, why, in words that follow its name.
pub(crate) fn notified(cx: &Cx<'_>, topic: &Arn) -> Result<Result<(), &'static str>, Gap> {
    let missing =
        || Gap::not_collected("sns:ListSubscriptionsByTopic", topic.account().as_ref(), topic.region().as_ref());
    let topic = cx.snapshot.topics.get(topic).ok_or_else(missing)?;
    Ok(match topic.subscriptions.get()? {
        None => Err("does not exist"),
        Some(subscriptions) if subscriptions.is_empty() => Err("has no subscription"),
        Some(subscriptions) if subscriptions.iter().any(|one| one.is_confirmed) => Ok(()),
        Some(_) => Err("has no confirmed subscription"),
    })
}
