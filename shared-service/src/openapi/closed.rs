//! A description in which no object has members that are not described.
//!
//! Clients must bear members that they do not know, so that some can be added; a server must not send any of which its
//! description says nothing.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const COMBINING: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// The components of the description, every schema among them closed.
pub(super) fn close_components(document: &Value) -> Value {
    let mut parts = BTreeSet::new();
    parts_of_others(document, &mut parts);
    let mut components = document["components"].clone();
    let schemas = components.get_mut("schemas").and_then(Value::as_object_mut);
    schemas.into_iter().flatten().for_each(|(name, schema)| close(schema, parts.contains(name)));
    components
}

/// The names of the schemas that are combined with others into one object: they cannot be closed by themselves.
fn parts_of_others(value: &Value, parts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for member in combined(members).into_iter().filter_map(|name| members.get(name)) {
                let references =
                    member.as_array().into_iter().flatten().filter_map(|part| part["$ref"].as_str());
                parts.extend(references.filter_map(|to| Some(to.rsplit_once('/')?.1.to_owned())));
            }
            members.values().for_each(|member| parts_of_others(member, parts));
        }
        Value::Array(items) => items.iter().for_each(|item| parts_of_others(item, parts)),
        _ => {}
    }
}

/// Under which members of a schema there are parts of the object that it describes itself, rather than alternatives that
/// are whole.
fn combined(schema: &Map<String, Value>) -> Vec<&'static str> {
    let is_put_together = schema.contains_key("properties") || schema.contains_key("allOf");
    if is_put_together { COMBINING.to_vec() } else { Vec::new() }
}

/// Closes a schema with all that is inside, unless it is a part of another one: that one is closed instead.
pub(super) fn close(schema: &mut Value, is_part: bool) {
    let Some(members) = schema.as_object_mut() else { return };
    let parts = combined(members);
    for name in COMBINING {
        let inner = members.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
        inner.for_each(|inner| close(inner, is_part || parts.contains(&name)));
    }
    let properties = members.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(Map::values_mut).for_each(|property| close(property, false));
    for name in ["items", "additionalProperties"] {
        members.get_mut(name).into_iter().for_each(|inner| close(inner, false));
    }
    let describes_members = members.contains_key("properties") || !parts.is_empty();
    if describes_members && !is_part && !members.contains_key("additionalProperties") {
        members.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    }
}
