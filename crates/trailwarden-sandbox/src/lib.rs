//! trailwarden-sandbox
