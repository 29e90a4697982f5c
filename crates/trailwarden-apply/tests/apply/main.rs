//! Applying against a small AWS of its own: every way to be interrupted, every way to fail, and every way to be refused.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod interruptions;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rollbacks;
#[cfg(test)]
mod staged;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod time;
#[cfg(test)]
mod verifying;
#[cfg(test)]
mod world;
