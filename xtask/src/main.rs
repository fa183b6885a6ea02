//! The project's own commands, run as `cargo xtask …`. Each says what it does while it does it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a command prints is its purpose")]

mod cargo;
mod console;
mod demo;
mod interop;
mod servers;
mod test;
mod tidy;
mod up;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

#[derive(Parser)]
#[command(bin_name = "cargo xtask", about = "The project's own commands", disable_help_subcommand = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build and run both servers here, with two demo users, until Ctrl-C
    Up(up::Options),
    /// Walk the main path against throwaway servers, showing every request
    Demo,
    /// Run every test suite, or those named, and end with a table
    Test(test::Options),
    /// Check the rules of the house: dependency direction, migrations, lengths, unfinished work
    Tidy,
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Some(Command::Up(options)) => up::run(&options),
        Some(Command::Demo) => demo::run(),
        Some(Command::Test(options)) => test::run(&options),
        Some(Command::Tidy) => tidy::run(),
        None => CommandLine::command().print_help().map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error:#}", console::paint(console::Colour::Red, "error:"));
            ExitCode::FAILURE
        }
    }
}
