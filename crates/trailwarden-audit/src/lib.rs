//! trailwarden-audit
