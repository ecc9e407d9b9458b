//! The trust anchors that a call may ask for: given stores, the system's, Mozilla's, a JDK's.

use std::path::{Path, PathBuf};

use keyward::anchors::{self, AnchorSet};

use crate::args::IssuerArgs;
use crate::exit::Failure;
