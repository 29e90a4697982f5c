//! Shapes both ways.
