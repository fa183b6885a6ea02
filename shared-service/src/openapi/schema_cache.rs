//! The schemas of bodies, ready to judge by.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, sync::Arc};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::closed::{close, close_components};

/// Each schema is made ready once, for most bodies are the same problem.
pub(super) struct Schemas {
    components: Value,
    are_closed: bool,
    made: BTreeMap<String, Arc<Validator>>,
}

impl Schemas {
    /// What is judged by them may have members that are not described.
    pub(super) fn open(document: &Value) -> Self {
        Self { components: document["components"].clone(), are_closed: false, made: BTreeMap::new() }
    }

    /// What is judged by them may not.
    pub(super) fn closed(document: &Value) -> Self {
        let components = close_components(document);
        Self { components, are_closed: true, made: BTreeMap::new() }
    }

    /// What this request body or response says of bodies, by their media types.
    pub(super) fn bodies(&mut self, of: &Value) -> BTreeMap<String, Arc<Validator>> {
        let contents = of.get("content").and_then(Value::as_object).into_iter().flatten();
        contents.map(|(media_type, content)| (media_type.clone(), self.ready(&content["schema"]))).collect()
    }

    fn ready(&mut self, schema: &Value) -> Arc<Validator> {
        let made = self.made.entry(schema.to_string()).or_insert_with(|| {
            let mut schema = if schema.is_null() { json!({}) } else { schema.clone() };
            if self.are_closed {
                close(&mut schema, false);
            }
            schema["components"] = self.components.clone();
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            Arc::new(options.build(&schema).unwrap())
        });
        Arc::clone(made)
    }
}
