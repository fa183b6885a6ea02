//! `cargo xtask up`: both servers and the web client on this machine, for trying things out.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::cargo::{Programs, root};
use crate::console::{Colour, paint, progress};
use crate::node;
use crate::servers::{DEMO_ADMIN, DEMO_USER, Interrupt, Output, Place, Process, stop_all};
use crate::web_client::WebClient;

/// The port of the origin that both servers let in by default.
const WEB_PORT: u16 = 3000;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Port of auth-server
    #[arg(long, default_value_t = 8081)]
    auth_port: u16,
    /// Port of resource-api
    #[arg(long, default_value_t = 8082)]
    api_port: u16,
    /// Port of the web client
    #[arg(long, default_value_t = WEB_PORT)]
    web_port: u16,
    /// Leave the web client out
    #[arg(long)]
    no_web: bool,
}

/// Runs until Ctrl-C, or until a server ends by itself, which is an error.
pub(crate) fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let place = Place {
        host: "localhost",
        auth_port: options.auth_port,
        api_port: options.api_port,
        data: root().join("data"),
        keys: root().join("keys"),
        inherits_settings: true,
    };
    println!(
        "This builds auth-server, resource-api and the web client, and runs them here: both servers on SQLite in"
    );
    println!("./data, with signing keys in ./keys.");
    ensure_free(place.auth_port, "--auth-port")?;
    ensure_free(place.api_port, "--api-port")?;
    let without_web = if options.no_web { Some("--no-web was given".into()) } else { node::missing() };
    if without_web.is_none() {
        ensure_free(options.web_port, "--web-port")?;
    }
    let interrupt = Interrupt::watch()?;

    progress("building the servers (the first time takes a few minutes)…");
    let programs = Programs::build()?;
    interrupt.check()?;
    place.make_folders()?;
    let web_origin = origin_of(options.web_port);
    let mut servers = start(&place, options.web_port, &programs, &interrupt)?;
    progress("making the demo users…");
    place.ensure_user(&programs.auth_server, &DEMO_USER)?;
    place.ensure_user(&programs.auth_server, &DEMO_ADMIN)?;
    let web = match without_web {
        Some(why) => Err(anyhow::anyhow!(why)),
        None => start_web_client(&place, options.web_port, &interrupt),
    };
    interrupt.check()?;
    introduce(&place, started, web.as_ref().map(|_| web_origin.as_str()));
    let mut web = web.ok();

    while !interrupt.asked() {
        servers.iter_mut().chain(&mut web).try_for_each(Process::check)?;
        std::thread::sleep(Duration::from_millis(100));
    }
    println!();
    progress("stopping everything…");
    drop(web);
    stop_all(&mut servers)
}

fn start_web_client(place: &Place, port: u16, interrupt: &Interrupt) -> Result<Process> {
    progress("building the web client (the first time npm fetches what it needs)…");
    let client = WebClient::build()?;
    interrupt.check()?;
    progress("starting the web client…");
    client.serve(port, place, &Output::Console(paint(Colour::Yellow, "web  |")), interrupt)
}

fn start(place: &Place, web_port: u16, programs: &Programs, interrupt: &Interrupt) -> Result<[Process; 2]> {
    let within = Duration::from_mins(1);
    progress("starting auth-server (at its first start it makes its keys)…");
    let prefix = paint(Colour::Magenta, "auth |");
    let mut command = place.auth_server(&programs.auth_server);
    allow(web_port, &mut command, "AUTH__CORS__ALLOWED_ORIGINS");
    let mut auth = Process::start("auth-server", command, &Output::Console(prefix))?;
    auth.wait_until_ready(place.auth_port, within, interrupt)?;

    let mut command = place.resource_api(&programs.resource_api);
    if has_service_settings() {
        progress("leaving API__SERVICE__… as you have set it…");
    } else {
        progress("registering resource-api as a client of auth-server, so that it may ask about users…");
        place.ensure_client(&programs.auth_server, "resource-api", &["users:read"])?.hand_to(&mut command);
    }
    allow(web_port, &mut command, "API__CORS__ALLOWED_ORIGINS");
    progress("starting resource-api…");
    let prefix = paint(Colour::Green, "api  |");
    let mut api = Process::start("resource-api", command, &Output::Console(prefix))?;
    api.wait_until_ready(place.api_port, within, interrupt)?;
    Ok([auth, api])
}

/// Lets pages of the web client's origin in when it is another than the default, unless the caller's own environment says
/// which may.
fn allow(web_port: u16, server: &mut Command, setting: &str) {
    if web_port != WEB_PORT && std::env::var_os(setting).is_none() {
        server.env(setting, origin_of(web_port));
    }
}

fn origin_of(web_port: u16) -> String {
    format!("http://localhost:{web_port}")
}

/// Whether the caller's own environment says which client resource-api is.
fn has_service_settings() -> bool {
    std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("API__SERVICE__"))
}

fn ensure_free(port: u16, option: &str) -> Result<()> {
    if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
        bail!(
            "port {port} cannot be used ({error}): stop what listens there (`ss -ltnp 'sport = :{port}'` names it), or \
             choose another port with {option}"
        );
    }
    Ok(())
}

fn introduce(place: &Place, started: Instant, web: Result<&str, &anyhow::Error>) {
    let (issuer, api) = (place.issuer(), place.api_url());
    let (user, admin) = (&DEMO_USER, &DEMO_ADMIN);
    let name = |text: &str| paint(Colour::Cyan, &format!("{text:<14}"));
    println!();
    println!(
        "{} after {:.0} s. Ctrl-C stops everything.",
        paint(Colour::Green, "Up"),
        started.elapsed().as_secs_f32()
    );
    match web {
        Ok(origin) => println!("  {}{origin}   open this in a browser", name("web-client")),
        Err(why) => {
            let why = paint(Colour::Yellow, &format!("not served: {why:#}"));
            println!("  {}{why}", name("web-client"));
        }
    }
    println!("  {}{issuer}   database data/auth.db, keys in keys/", name("auth-server"));
    println!("  {}{api}   database data/api.db", name("resource-api"));
    println!("  {}its id and secret at auth-server: data/resource-api.client-*", name("client"));
    println!("  {}{issuer}/.well-known/oauth-authorization-server", name("discovery"));
    println!(
        "  {}{} / {} (user), {} / {} (administrator)",
        name("users"),
        user.name,
        user.password,
        admin.name,
        admin.password
    );
    println!();
    println!("Without a browser: log in, then use the token at the other server.");
    println!();
    println!("  TOKEN=$(curl -s {issuer}/auth/login -H 'Content-Type: application/json' \\");
    println!(
        "    -d '{{\"username\":\"{}\",\"password\":\"{}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
        user.name, user.password
    );
    println!("  curl -s {api}/api/protected -H \"Authorization: Bearer $TOKEN\"");
    println!();
}
