//! trailwarden-policy
