//! The fuzz targets of keyward. `../tests/api/fuzz_replay.rs` runs the same functions over seeds and finds.

#[path = "codecs.rs"]
pub mod codecs;
