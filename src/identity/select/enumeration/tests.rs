//! The orders were taken from `java.util.Hashtable` and `java.util.HashMap` of OpenJDK 17 and 25.

use super::{hash_map_order, hashtable_order};

/// Thirty aliases, four with one hash, and two outside ASCII, one of them outside the first plane.
fn aliases() -> Vec<String> {
    let numbered = (0..30).map(|number| format!("client-{}", number * 7));
    let others = ["azaz", "b[b[", "azb[", "b[az", "grüße-😀", "ключ"];
    numbered.chain(others.map(str::to_owned)).collect()
}

#[test]
fn a_hashtable_is_listed_from_its_end() {
    let java = [
        22, 1, 26, 0, 5, 14, 9, 13, 17, 21, 16, 25, 20, 4, 8, 3, 12, 29, 34, 15, 24, 35, 19, 28, 23, 30, 31,
        32, 33, 7, 2, 11, 6, 10, 18, 27,
    ];
    assert_eq!(hashtable_order(&aliases()), java);
}

#[test]
fn a_hash_map_is_listed_by_bucket() {
    let java = [
        3, 6, 7, 35, 20, 4, 23, 26, 0, 1, 18, 29, 21, 24, 27, 15, 10, 13, 30, 31, 32, 33, 14, 8, 11, 2, 5,
        19, 22, 34, 25, 28, 16, 17, 9, 12,
    ];
    assert_eq!(hash_map_order(&aliases()), java);
}

#[test]
fn a_long_bucket_widens_a_small_map() {
    let halves = ["az", "b["];
    let mut keys = vec!["x0".to_owned(), "zz".to_owned()];
    let four = (0..10).map(|bits: usize| (0..4).rev().map(|at| halves[bits >> at & 1]).collect::<String>());
    keys.extend(four);
    keys.extend(["client".to_owned(), "server".to_owned()]);
    // Fourteen keys would leave it at 32 buckets; ten of them with one hash make it 64.
    assert_eq!(hash_map_order(&keys), [1, 13, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0]);
}
