//! trailwarden-aws
