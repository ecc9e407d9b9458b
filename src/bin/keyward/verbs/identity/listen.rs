//! `keyward identity listen`.

use crate::args::IdentityListenArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_args: &IdentityListenArgs, _output: &mut Output) -> Result<Exit, Failure> {
    Err(Failure::unusable("not-built", "this verb is not there yet"))
}
