//! trailwarden-report
