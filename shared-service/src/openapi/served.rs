//! Whether what is described is there, and whether the description itself can be read and looked at.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use reqwest::{
    Client,
    header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH},
    redirect,
};
use serde_json::Value;

use super::contract::{Contract, GUARDED, is_under};

/// What a page of ours may do: nothing that is not named, and nothing of it from elsewhere.
const SOURCES: [&str; 3] = ["'none'", "'self'", "data:"];

impl Contract {
    /// Panics unless the server at `base` has every operation that is described. Where strangers are not told what there
    /// is, the access token of an administrator is sent; and nowhere else, since it would end its own session. `known` are values of parameters in paths that answer
    /// to others as if there were no such path.
    pub async fn expect_routes(&self, base: &str, administrator: Option<&str>, known: &[(&str, &str)]) {
        let client = client();
        for (method, template) in self.operations() {
            let put_in =
                |path: String, (name, value): &(&str, &str)| path.replace(&format!("{{{name}}}"), value);
            let path = known.iter().fold(template.to_owned(), put_in).replace(['{', '}'], "");
            let request = client.request(method.clone(), format!("{base}{path}"));
            let is_guarded = is_under(GUARDED, template);
            let answer = match administrator.filter(|_| is_guarded) {
                Some(token) => self.send(request.bearer_auth(token)).await,
                None => self.send(request).await,
            };
            let is_refused = is_guarded && [401, 403].contains(&answer.status);
            let is_route = answer.status != 405 && !answer.tells_of_no_path() && !is_refused;
            assert!(is_route, "{method} {template} is described and no route: {}", answer.status);
        }
    }

    /// Panics unless every operation has a name of its own, says what it does, and stands under one area that is described.
    pub fn expect_names(&self) {
        let tags = self.document()["tags"].as_array().unwrap();
        let paths = self.document()["paths"].as_object().unwrap().values();
        let mut names = BTreeSet::new();
        for operation in paths.flat_map(|path| path.as_object().unwrap().values()) {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{operation}");
            let [tag] = operation["tags"].as_array().unwrap().as_slice() else { panic!("{operation}") };
            assert!(
                tags.iter().any(|known| known["name"] == *tag && known["description"].is_string()),
                "{tag}"
            );
        }
    }

    /// Panics unless the server at `base` serves its description to every origin, and to browsers that have it already
    /// no second time.
    pub async fn expect_document(&self, base: &str) {
        let get = || client().get(format!("{base}/openapi.json")).header("Origin", "https://elsewhere.test");
        let answer = get().send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(header(answer.headers(), "content-type"), "application/json");
        assert_eq!(header(answer.headers(), "access-control-allow-origin"), "*");
        assert!(header(answer.headers(), "cache-control").starts_with("public, max-age="));
        let tag = answer.headers()[ETAG].clone();
        let (found_at, document) = (answer.url().clone(), answer.json::<Value>().await.unwrap());
        assert_eq!(&document, self.document());
        let server = found_at.join(document["servers"][0]["url"].as_str().unwrap()).unwrap();
        assert_eq!(server.as_str(), format!("{base}/"), "the server is where its description is");
        let again = get().header(IF_NONE_MATCH, tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
    }

    /// Panics unless the server at `base` has a page that shows its description, of which all is its own.
    pub async fn expect_docs(&self, base: &str) {
        let moved = client().get(format!("{base}/docs")).send().await.unwrap();
        assert!(moved.status().is_redirection());
        let folder = moved.url().join(header(moved.headers(), "location")).unwrap();
        let page = client().get(folder.clone()).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(header(page.headers(), "content-type").starts_with("text/html"));
        expect_own_sources_only(header(page.headers(), CONTENT_SECURITY_POLICY.as_str()));
        let html = page.text().await.unwrap();
        let title = format!("<title>{} API</title>", self.document()["info"]["title"].as_str().unwrap());
        assert!(html.contains(&title), "{html}");
        let loaded = loaded_by(&html);
        assert!(loaded.contains(&"./swagger-initializer.js"), "{html}");
        for name in loaded {
            let url = folder.join(name).unwrap();
            assert_eq!(url.origin(), folder.origin(), "{name}");
            let file = client().get(url).send().await.unwrap();
            assert_eq!(file.status(), 200, "{name}");
            let wanted = [(".js", "text/javascript"), (".css", "text/css"), (".png", "image/png")];
            let wanted = wanted.iter().find(|(ending, _)| name.ends_with(ending)).unwrap().1;
            assert_eq!(header(file.headers(), CONTENT_TYPE.as_str()), wanted, "{name}");
        }
        let settings = folder.join("swagger-initializer.js").unwrap();
        let settings = client().get(settings).send().await.unwrap().text().await.unwrap();
        assert!(settings.contains("\"../openapi.json\"") && !settings.contains("://"), "{settings}");
        assert_eq!(client().get(folder.join("nothing.js").unwrap()).send().await.unwrap().status(), 404);
    }
}

fn client() -> Client {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap().to_str().unwrap()
}

fn expect_own_sources_only(policy: &str) {
    let directives: Vec<_> = policy.split(';').map(str::trim).collect();
    assert!(directives.contains(&"default-src 'none'"), "{policy}");
    assert!(directives.contains(&"script-src 'self'"), "{policy}");
    for directive in directives {
        let mut sources = directive.split_whitespace().skip(1);
        assert!(sources.all(|source| SOURCES.contains(&source)), "{directive}");
    }
}

/// What the page names as its scripts, styles and icons.
fn loaded_by(html: &str) -> Vec<&str> {
    let after = |attribute| html.split(attribute).skip(1);
    let named = after(" src=\"").chain(after(" href=\""));
    named.filter_map(|rest| rest.split('"').next()).collect()
}
