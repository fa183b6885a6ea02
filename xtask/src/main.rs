//! The project's own commands, run as `cargo xtask …`. Each says what it does while it does it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a command prints is its purpose")]

mod bench;
mod cargo;
mod console;
mod demo;
mod interop;
mod node;
mod scale;
mod servers;
mod test;
mod tidy;
mod up;
mod web_client;

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
    /// Build and run both servers and the web client here, with two demo users, until Ctrl-C
    Up(up::Options),
    /// Walk the main path against throwaway servers, showing every request
    Demo,
    /// Measure both servers side by side with their limits
    Bench(bench::Options),
    /// Fill two empty databases with a million users, ten million posts, and all that belongs to them
    Seed(scale::SeedOptions),
    /// Look at the plan of every statement there, and measure requests beside those of a small database
    Scale(scale::ScaleOptions),
    /// Run every test suite, or those named, and end with a table
    Test(test::Options),
    /// Write the web client's types anew from the servers' OpenAPI documents
    Types,
    /// Take the pictures of the web client in docs/screenshots anew
    Screenshots,
    /// Check the rules of the house: dependency direction, migrations, lengths, unfinished work
    Tidy,
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Some(Command::Up(options)) => up::run(&options),
        Some(Command::Demo) => demo::run(),
        Some(Command::Bench(options)) => bench::run(&options),
        Some(Command::Seed(options)) => scale::seed(&options),
        Some(Command::Scale(options)) => scale::check(&options),
        Some(Command::Test(options)) => test::run(&options),
        Some(Command::Types) => web_client::write_types(),
        Some(Command::Screenshots) => web_client::screenshots(),
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
