//! Values that are said once and named by their place afterwards.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Distinct values in the order in which they came.
#[derive(Debug)]
pub(super) struct Interned<T> {
    places: HashMap<T, usize>,
    values: Vec<T>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    pub(super) fn new() -> Self {
        Self { places: HashMap::new(), values: Vec::new() }
    }

    /// The place of a value.
    pub(super) fn place<Q>(&mut self, value: &Q) -> usize
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = T> + ?Sized,
    {
        if let Some(place) = self.places.get(value) {
            return *place;
        }
        let place = self.values.len();
        self.values.push(value.to_owned());
        self.places.insert(value.to_owned(), place);
        place
    }

    pub(super) fn values(&self) -> &[T] {
        &self.values
    }
}
