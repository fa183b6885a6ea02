//! An HTTP/1.1 client that costs next to nothing: one connection, one request at a time, rendered once.

use std::{
    fmt::Write as _,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// Longer than any answer takes; past it, the server hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path, &[], "")
    }

    pub(crate) fn json(path: &str, body: &serde_json::Value) -> Self {
        Self::new("POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    pub(crate) fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        for (name, value) in headers {
            // Writing to a String cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "content-length: {}\r\n\r\n{body}", body.len());
        Self(head.into_bytes())
    }

    /// The same with an access token.
    pub(crate) fn bearing(self, token: &str) -> Self {
        let line_end = self.0.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (line, rest) = self.0.split_at(line_end);
        Self([line, format!("authorization: Bearer {token}\r\n").as_bytes(), rest].concat())
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer<'b> {
    pub(crate) status: u16,
    head: &'b str,
    pub(crate) body: &'b str,
}

impl Answer<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// A member of the JSON object that was answered.
    pub(crate) fn member(&self, name: &str) -> Result<String> {
        let body: serde_json::Value = serde_json::from_str(self.body)?;
        let text = body.get(name).and_then(serde_json::Value::as_str);
        Ok(text.with_context(|| format!("no {name} in {}", self.body))?.to_owned())
    }

    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "{} instead of {status}: {}", self.status, self.body);
        Ok(self)
    }
}

/// A connection that is kept alive.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// To this port of the loopback.
    pub(crate) fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LONGEST))?;
        Ok(Self { stream, received: Vec::with_capacity(8192) })
    }

    pub(crate) fn exchange(&mut self, request: &Request) -> Result<Answer<'_>> {
        self.stream.write_all(&request.0)?;
        self.received.clear();
        let head = loop {
            self.receive()?;
            if let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let (status, length) = read_head(std::str::from_utf8(&self.received[..head])?)?;
        while self.received.len() < head + length {
            self.receive()?;
        }
        ensure!(self.received.len() == head + length, "more was answered than announced");
        let (head, body) = self.received.split_at(head);
        Ok(Answer { status, head: std::str::from_utf8(head)?, body: std::str::from_utf8(body)? })
    }

    fn receive(&mut self) -> Result<()> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(length) => self.received.extend_from_slice(&chunk[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("no answer"),
        }
        Ok(())
    }
}

/// The status, and how long the body is.
fn read_head(head: &str) -> Result<(u16, usize)> {
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("not HTTP")?;
    let length = match header(head, "content-length") {
        Some(length) if status != 304 => length.parse()?,
        None if !matches!(status, 204 | 304) => bail!("an answer without a length"),
        _ => 0,
    };
    Ok((status, length))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that sends these pieces, a read of the client's each.
    fn exchange(pieces: &'static [&'static str]) -> Result<(u16, String)> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.set_nodelay(true).unwrap();
                let mut request = [0; 1024];
                assert!(stream.read(&mut request).unwrap() > 0);
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).unwrap();
                }
            });
            let mut connection = Connection::open(port)?;
            let answer = connection.exchange(&Request::get("/"))?;
            Ok((answer.status, answer.body.to_owned()))
        })
    }

    #[test]
    fn an_answer_is_read_whole_however_it_is_cut() {
        let whole = exchange(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]);
        assert_eq!(whole.unwrap(), (200, "hello".into()));
        let cut = exchange(&["HTTP/1.1 40", "1 No\r\ncontent-length: 2\r", "\n\r\nn", "o"]);
        assert_eq!(cut.unwrap(), (401, "no".into()));
        let empty = exchange(&["HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"]);
        assert_eq!(empty.unwrap(), (304, String::new()));
    }

    #[test]
    fn what_is_not_one_whole_answer_is_an_error() {
        for broken in [
            &["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"][..],
            &["HTTP/1.1 200 OK\r\n\r\nno length"],
            &["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nmore"],
            &[],
        ] {
            assert!(exchange(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_token_is_put_into_the_head() {
        let request = Request::json("/api/posts", &serde_json::json!({})).bearing("abc");
        let text = String::from_utf8(request.0).unwrap();
        let head = "POST /api/posts HTTP/1.1\r\nauthorization: Bearer abc\r\nhost: 127.0.0.1\r\n";
        assert!(text.starts_with(head), "{text}");
        assert!(text.ends_with("content-length: 2\r\n\r\n{}"), "{text}");
    }
}
