//! A statement with its values, read from what Diesel shows of it: `SELECT … WHERE id = $1 -- binds: ["…"]`.

use std::{iter::Peekable, str::Chars};

use anyhow::{Context, ensure};

/// A value that was bound.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// PostgreSQL takes many values as one.
    List(Vec<Value>),
}

/// What was executed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    /// With the engine's placeholders.
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

/// How an engine writes values into a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `$1`, and bytes as `'\x00'`.
    Postgres,
    /// `?`, bytes as `x'00'`, and a backslash in a text stands for more than itself.
    Mysql,
}

/// What has a plan.
const QUERIES: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];
/// What reads no table. Whatever is neither the one nor the other is to be noticed and not left out.
const NO_QUERIES: [&str; 5] = ["BEGIN", "COMMIT", "ROLLBACK", "SET ", "PRAGMA "];

impl Statement {
    /// `None` for what is no query: a `BEGIN`, a question whether a connection still lives.
    pub(crate) fn parse(shown: &str) -> anyhow::Result<Option<Self>> {
        let (sql, values) = shown.split_once(" -- binds: ").unwrap_or((shown, "[]"));
        let sql = sql.trim();
        let is_one_of =
            |words: &[&str]| words.iter().any(|word| sql.trim_start_matches(['(', ' ']).starts_with(word));
        if is_one_of(&NO_QUERIES) || sql == "SELECT 1" {
            return Ok(None);
        }
        ensure!(is_one_of(&QUERIES), "no statement that is known: {shown}");
        let values = Parser(values.chars().peekable()).whole_list();
        let values = values.with_context(|| format!("values that are not understood: {shown}"))?;
        let values = values.into_iter().enumerate().map(|(nth, value)| match value {
            Value::List(bytes) if !sql.contains(&format!("ANY(${})", nth + 1)) => bytes_of(&bytes),
            value => Some(value),
        });
        let values = values.collect::<Option<_>>().with_context(|| format!("not bytes: {shown}"))?;
        Ok(Some(Self { sql: sql.to_owned(), values }))
    }

    /// With the values in the places of the placeholders.
    pub(crate) fn with_literals(&self, dialect: Dialect) -> String {
        let mut text = String::new();
        let mut values = self.values.iter();
        let mut characters = self.sql.chars().peekable();
        let mut is_quoted = false;
        while let Some(character) = characters.next() {
            is_quoted ^= character == '\'';
            let is_placeholder = !is_quoted && character == if dialect == Dialect::Mysql { '?' } else { '$' };
            if !is_placeholder {
                text.push(character);
                continue;
            }
            let mut number = String::new();
            while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                number.push(digit);
            }
            // PostgreSQL's are numbered, and one may stand in several places.
            let value = match number.parse::<usize>() {
                Ok(number) => self.values.get(number - 1),
                Err(_) => values.next(),
            };
            text.push_str(&value.map_or_else(|| "NULL".into(), |value| value.literal(dialect)));
        }
        text
    }

    /// The values alone, as literals with commas between.
    pub(crate) fn literals(&self, dialect: Dialect) -> String {
        self.values.iter().map(|value| value.literal(dialect)).collect::<Vec<_>>().join(", ")
    }
}

impl Value {
    fn literal(&self, dialect: Dialect) -> String {
        match self {
            Self::Null => "NULL".into(),
            Self::Bool(truth) => truth.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Text(text) if dialect == Dialect::Mysql => {
                format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
            }
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Bytes(bytes) => {
                let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
                if dialect == Dialect::Mysql { format!("x'{hex}'") } else { format!("'\\x{hex}'") }
            }
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::item).collect();
                format!("'{{{}}}'", items.join(","))
            }
        }
    }

    /// Inside an array of PostgreSQL's.
    fn item(&self) -> String {
        match self {
            Self::Text(text) => {
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "''");
                format!("\"{escaped}\"")
            }
            other => other.literal(Dialect::Postgres),
        }
    }
}

/// Bytes are shown as a list of numbers.
fn bytes_of(shown: &[Value]) -> Option<Value> {
    let byte = |value: &Value| if let Value::Integer(byte) = value { u8::try_from(*byte).ok() } else { None };
    shown.iter().map(byte).collect::<Option<_>>().map(Value::Bytes)
}

/// Reads Rust's `Debug` of a list of texts, numbers, truths, bytes and options of these.
struct Parser<'a>(Peekable<Chars<'a>>);

impl Parser<'_> {
    /// A list with nothing behind it.
    fn whole_list(mut self) -> Option<Vec<Value>> {
        let values = self.list()?;
        self.blanks();
        self.0.next().is_none().then_some(values)
    }

    fn list(&mut self) -> Option<Vec<Value>> {
        self.expect("[")?;
        let mut values = Vec::new();
        loop {
            self.blanks();
            if self.0.next_if_eq(&']').is_some() {
                return Some(values);
            }
            values.push(self.value()?);
            self.blanks();
            self.0.next_if_eq(&',');
        }
    }

    fn value(&mut self) -> Option<Value> {
        match self.0.peek()? {
            '"' => self.text().map(Value::Text),
            '[' => self.list().map(Value::List),
            '-' | '0'..='9' => self.word().parse().ok().map(Value::Integer),
            _ => match self.word().as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                "None" => Some(Value::Null),
                "Some" => {
                    self.expect("(")?;
                    let value = self.value()?;
                    self.expect(")")?;
                    Some(value)
                }
                _ => None,
            },
        }
    }

    fn text(&mut self) -> Option<String> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            match self.0.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escaped()?),
                character => text.push(character),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        Some(match self.0.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'u' => {
                self.expect("{")?;
                let code = self.word();
                self.expect("}")?;
                char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
            }
            other => other,
        })
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(character) = self.0.next_if(|next| next.is_ascii_alphanumeric() || *next == '-') {
            word.push(character);
        }
        word
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        text.chars().try_for_each(|wanted| self.0.next_if_eq(&wanted).map(drop))
    }

    fn blanks(&mut self) {
        while self.0.next_if_eq(&' ').is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_read_as_they_are_shown() {
        let shown = format!(
            "SELECT a FROM b WHERE c = ? -- binds: {:?}",
            ("x \\ \" ' \n é \u{1}", -5, true, None::<i32>, Some("y"), vec![0_u8, 255])
        );
        let shown = shown.replace("binds: (", "binds: [");
        let shown = format!("{}]", shown.strip_suffix(')').unwrap());
        let text = |text: &str| Value::Text(text.into());
        let wanted = vec![
            text("x \\ \" ' \n é \u{1}"),
            Value::Integer(-5),
            Value::Bool(true),
            Value::Null,
            text("y"),
            Value::Bytes(vec![0, 255]),
        ];
        assert_eq!(Statement::parse(&shown).unwrap().unwrap().values, wanted);
    }

    #[test]
    fn what_is_no_query_is_none() {
        for shown in ["BEGIN", "COMMIT", "SELECT 1 -- binds: []", "SET lock_timeout = '5s'"] {
            assert_eq!(Statement::parse(shown).unwrap(), None, "{shown}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_not_left_out() {
        for shown in [
            "SELECT a FROM b WHERE c = ? -- binds: [1.5]",
            "SELECT a FROM b WHERE c = ? -- binds: [\"x]",
            "SELECT a FROM b WHERE c = ? -- binds: [1] -- binds: [2]",
            "SELECT a FROM b WHERE c = ? -- binds: [[1, 256]]",
            "WITH a AS (SELECT 1) SELECT b FROM a -- binds: []",
            "TRUNCATE a",
        ] {
            Statement::parse(shown).unwrap_err();
        }
    }

    #[test]
    fn values_stand_where_their_placeholders_stood() {
        let values = vec![Value::Text("it's \\".into()), Value::Bytes(vec![1, 171]), Value::Integer(3)];
        let numbered = Statement { sql: "a = $1 AND b = $2 AND a <> '$1' LIMIT $3 -- $1".into(), values };
        assert_eq!(
            numbered.with_literals(Dialect::Postgres),
            "a = 'it''s \\' AND b = '\\x01ab' AND a <> '$1' LIMIT 3 -- 'it''s \\'"
        );
        let list = Value::List(vec![Value::Text("a'\"".into()), Value::Integer(1)]);
        let any = Statement { sql: "a = ANY($1)".into(), values: vec![list] };
        assert_eq!(any.with_literals(Dialect::Postgres), "a = ANY('{\"a''\\\"\",1}')");
        let in_order = Statement { sql: "a = ? AND b = ? LIMIT ?".into(), ..numbered };
        assert_eq!(in_order.with_literals(Dialect::Mysql), "a = 'it''s \\\\' AND b = x'01ab' LIMIT 3");
    }
}
