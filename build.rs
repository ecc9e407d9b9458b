//! How the command is linked, so that it starts soon. Both parts leave the link as it is where they are not certain
//! to be understood.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CC");
    let variable = |name| env::var(name).unwrap_or_default();
    if variable("HOST") != variable("TARGET") || !variable("TARGET").ends_with("-linux-gnu") {
        return;
    }
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    link_unwinder(&compiler);
    if variable("PROFILE") == "release" {
        lay_out_functions(&compiler);
    }
}

/// Links the unwinder of gcc into the command: one shared library less to find, to map and to relocate, a
/// tenth of a millisecond at each start.
fn link_unwinder(compiler: &str) {
    let Ok(answer) = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output() else { return };
    // A compiler that has no such library repeats the name.
    let library = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    if let Some(folder) = library.parent().filter(|_| library.is_absolute()) {
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Has the linker put the functions of a small run side by side: fewer pages to map, a tenth of the whole run.
///
/// The script only adds a section to the linker's own, which GNU ld and LLD know how to do. A linker that
/// someone has chosen is not asked, and the one that the C compiler brings is tried first.
fn lay_out_functions(compiler: &str) {
    println!("cargo:rerun-if-changed={SCRIPT}");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if env::var_os("RUSTC_LINKER").is_some() || flags.contains("link") {
        return;
    }
    let (Some(source), Some(out)) = (env::var_os("CARGO_MANIFEST_DIR"), env::var_os("OUT_DIR")) else {
        return;
    };
    let (script, out) = (Path::new(&source).join(SCRIPT), PathBuf::from(out));
    let program = out.join("program.c");
    if std::fs::write(&program, "int main(void) { return 0; }\n").is_err() {
        return;
    }
    let mut link = Command::new(compiler);
    link.arg(&program).arg("-T").arg(&script).arg("-o").arg(out.join("program"));
    let runs = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if runs(&mut link) && runs(&mut Command::new(out.join("program"))) {
        println!("cargo:rustc-link-arg-bins=-T");
        println!("cargo:rustc-link-arg-bins={}", script.display());
    }
}

const SCRIPT: &str = "src/bin/keyward/start.ld";
