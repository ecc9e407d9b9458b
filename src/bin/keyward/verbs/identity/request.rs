//! `keyward identity request`.

use crate::args::IdentityRequestArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_args: &IdentityRequestArgs, _output: &mut Output) -> Result<Exit, Failure> {
    Err(Failure::unusable("not-built", "this verb is not there yet"))
}
