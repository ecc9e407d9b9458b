//! `keyward identity check`.

use crate::args::IdentityCheckArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_args: &IdentityCheckArgs, _output: &mut Output) -> Result<Exit, Failure> {
    Err(Failure::unusable("not-built", "this verb is not there yet"))
}
