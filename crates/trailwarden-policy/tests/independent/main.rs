//! The engine against oracles that share no code with it: another evaluator in a process of its own, brute force over small
//! worlds, and documents made to hurt.

#[cfg(test)]
mod dice;
#[cfg(test)]
mod exhaustive;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod iam_simulate;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod organization;
#[cfg(test)]
mod random;
