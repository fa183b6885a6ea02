//! The HTTP client of the walk: every request is printed with its status, and another status than the expected one
//! ends the walk.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use ureq::http;

use crate::console::{Colour, paint};
use crate::servers::Interrupt;

const POLL: Duration = Duration::from_millis(100);

/// A request being put together.
#[derive(Debug)]
pub(super) struct Request {
    builder: http::request::Builder,
    line: String,
    body: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    headers: http::HeaderMap,
    pub(super) json: Value,
}

/// The walk so far.
#[derive(Debug)]
pub(super) struct Walk {
    agent: ureq::Agent,
    interrupt: Interrupt,
    pub(super) requests: usize,
}

impl Request {
    pub(super) fn new(method: &str, url: &str) -> Self {
        let builder = http::Request::builder().method(method).uri(url);
        Self { builder, line: format!("{method:<7} {url}"), body: String::new() }
    }

    pub(super) fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    pub(super) fn post(url: &str, body: &Value) -> Self {
        let mut request = Self::new("POST", url).header("Content-Type", "application/json");
        request.body = body.to_string();
        request
    }

    pub(super) fn form(url: &str, parameters: &[(&str, &str)]) -> Self {
        let mut request = Self::new("POST", url).header("Content-Type", "application/x-www-form-urlencoded");
        let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value)));
        request.body = pairs.collect::<Vec<_>>().join("&");
        request
    }

    pub(super) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    pub(super) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }
}

impl Walk {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self { agent: config.new_agent(), interrupt, requests: 0 }
    }

    /// Sends a request that must be answered with `status`.
    pub(super) fn send(&mut self, request: Request, status: u16) -> Result<Answer> {
        let line = request.line.clone();
        let (headers, text) = self.exchange(request, status)?;
        let json = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).context(line)? };
        Ok(Answer { headers, json })
    }

    /// Sends a request that must be answered with a body of this type.
    pub(super) fn fetch(&mut self, request: Request, content_type: &str) -> Result<String> {
        let (headers, text) = self.exchange(request, 200)?;
        let sent = headers.get("Content-Type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        ensure!(sent == content_type, "the answer should be {content_type} and is {sent}");
        Ok(text)
    }

    /// Sends a request again and again until it is answered with `status`; how long that took.
    pub(super) fn until(
        &mut self,
        request: impl Fn() -> Request,
        status: u16,
        within: Duration,
    ) -> Result<Duration> {
        let started = Instant::now();
        let line = request().line;
        loop {
            let (got, ..) = self.answer(request())?;
            let taken = started.elapsed();
            if got == status {
                println!("{line}  {}", paint(Colour::Green, &got.to_string()));
                return Ok(taken);
            }
            ensure!(taken < within, "{line}: still {got} after {:.1} s", taken.as_secs_f32());
            std::thread::sleep(POLL);
        }
    }

    fn exchange(&mut self, request: Request, status: u16) -> Result<(http::HeaderMap, String)> {
        let line = request.line.clone();
        let (got, headers, text) = self.answer(request)?;
        let colour = if got == status { Colour::Green } else { Colour::Red };
        println!("{line}  {}", paint(colour, &got.to_string()));
        ensure!(got == status, "{line}: the answer should be {status} and is {got}: {text}");
        Ok((headers, text))
    }

    fn answer(&mut self, request: Request) -> Result<(u16, http::HeaderMap, String)> {
        self.interrupt.check()?;
        self.requests += 1;
        let Request { builder, line, body } = request;
        let mut response = self.agent.run(builder.body(body)?).context(line)?;
        let text = response.body_mut().read_to_string()?;
        Ok((response.status().as_u16(), response.headers().clone(), text))
    }

    /// Sends a request that must be refused with `status` and the problem's `code`.
    pub(super) fn refused(&mut self, request: Request, status: u16, code: &str) -> Result<Answer> {
        let answer = self.send(request, status)?;
        if answer.json["code"] != code {
            bail!("the problem's code should be {code}: {}", answer.json);
        }
        Ok(answer)
    }

    /// Says what the last answer shows.
    pub(super) fn shows(what: &str) {
        println!("        {what}");
    }

    /// Lets time pass, saying what for.
    pub(super) fn wait(time: Duration, what: &str) {
        println!("        {}", paint(Colour::Yellow, &format!("waiting {} s {what}", time.as_secs_f32())));
        std::thread::sleep(time);
    }
}

impl Answer {
    /// A header's value; empty when it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A member that must be a string.
    pub(super) fn text(&self, member: &str) -> Result<&str> {
        self.json[member].as_str().with_context(|| format!("{member} is not a string in {}", self.json))
    }
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
