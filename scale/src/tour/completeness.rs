//! Whether the tour went everywhere: what there is is read from the sources, so that whoever adds an endpoint or a query
//! has to add it to the tour.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::Seeing;

/// Where routes stand.
const ROUTE_TABLES: [&str; 4] = [
    "auth-server/src/app.rs",
    "auth-server/src/oauth/mod.rs",
    "auth-server/src/oauth/status_lists.rs",
    "resource-api/src/app.rs",
];
/// Where queries stand.
const STORES: [&str; 2] = ["auth-server/src/store", "resource-api/src/store"];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Endpoints that nobody asked: `auth-server GET /users`.
pub(crate) fn routes_not_seen(seeing: &Seeing) -> anyhow::Result<Vec<String>> {
    let mut missing = Vec::new();
    for table in ROUTE_TABLES {
        let package = table.split('/').next().unwrap_or_default();
        let routes = routes_in(&read(&root().join(table))?);
        let routes = routes.into_iter().map(|route| format!("{package} {route}"));
        missing.extend(routes.filter(|route| !seeing.routes.contains(route)));
    }
    Ok(missing)
}

/// Functions of the stores that executed no statement.
pub(crate) fn functions_not_seen(seeing: &Seeing) -> anyhow::Result<Vec<String>> {
    let seen: BTreeSet<&String> = seeing.statements.iter().flat_map(|seen| &seen.functions).collect();
    let mut missing = Vec::new();
    for store in STORES {
        let package = store.split('/').next().unwrap_or_default().replace('-', "_");
        for entry in std::fs::read_dir(root().join(store)).context(store)? {
            let path = entry?.path();
            let module = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            let functions = functions_in(&read(&path)?);
            let functions = functions.into_iter().map(|name| format!("{package}::store::{module}::{name}"));
            missing.extend(functions.filter(|function| !seen.contains(function)));
        }
    }
    Ok(missing)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// `web::resource("/x").get(…).route(web::post()…)`: the methods between one resource and the next, each with its path
/// below the scope that was named last before it. (Whoever goes back to an outer scope gets paths that are nobody's, and
/// hears of it.)
fn routes_in(source: &str) -> Vec<String> {
    let mut routes = Vec::new();
    let mut resources = source.split("resource(\"");
    let mut scope = resources.next().and_then(last_scope).unwrap_or_default();
    for resource in resources {
        let Some((path, rest)) = resource.split_once('"') else { continue };
        let methods = rest.split(".default_service").next().unwrap_or_default();
        let has = |method: &&&str| {
            methods.contains(&format!(".{method}(")) || methods.contains(&format!("web::{method}()"))
        };
        let methods = METHODS.iter().filter(has).map(|method| method.to_uppercase());
        routes.extend(methods.map(|method| format!("{method} {scope}{path}")));
        scope = last_scope(rest).unwrap_or(scope);
    }
    routes
}

fn last_scope(source: &str) -> Option<&str> {
    source.rsplit_once("scope(\"")?.1.split('"').next()
}

/// Public functions that take a connection.
fn functions_in(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let functions = code.split("\npub fn ").skip(1).filter_map(|function| {
        let (name, rest) = function.split_once(['(', '<'])?;
        let parameters = rest.split("->").next()?.split('{').next()?;
        parameters.contains("&mut DbConnection").then(|| name.to_owned())
    });
    functions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_a_resource_is_a_route() {
        let table = ".service(web::resource(\"/a\").get(a).route(web::patch().to(b)))\n.service(resource(\"/b\")\
                     .delete(c)).default_service(web::get())";
        assert_eq!(routes_in(table), ["GET /a", "PATCH /a", "DELETE /b"]);
    }

    #[test]
    fn a_path_begins_with_its_scope() {
        let table = "scope(\"\").service(resource(\"/\").get(a)).service(web::scope(\"/x\").configure(b))\
                     fn b() { resource(\"/a\").get(c) }";
        assert_eq!(routes_in(table), ["GET /", "GET /x/a"]);
        assert_eq!(routes_in("scope(\"/y\").service(resource(\"\").put(a))"), ["PUT /y"]);
    }

    #[test]
    fn every_public_function_with_a_connection_is_a_query() {
        let store = "\npub fn a(c: &mut DbConnection) {\n}\npub fn b<'a>(\n    c: &mut DbConnection,\n) -> X {}\n\
                     pub fn c(page: &Page) {}\nfn d(c: &mut DbConnection) {}";
        assert_eq!(functions_in(store), ["a", "b"]);
    }
}
