//! From findings to a plan: one desired state per target, then ordered steps.
