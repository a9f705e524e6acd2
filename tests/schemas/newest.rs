//! What only the newest release defines beside checkouts: carts, discovery and the MCP binding.

use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value, json};
use tillhouse_tests::{Acp, Merchant, Release, Shared, TestHost, fixtures, workspace};
use tokio::runtime::Runtime;

use crate::official::Official;
use crate::schema_fixes;

const RELEASE: Release = Release::V2026_04_17;

static HOST: Shared = Shared::of(TestHost::builder);

type Outcome = Result<(), Failed>;

/// The documents of the release, within its folder.
pub(crate) struct Newest {
    folder: PathBuf,
}

impl Newest {
    pub(crate) fn within(releases: &Path) -> Self {
        Self {
            folder: releases.join(RELEASE.as_str()),
        }
    }

    /// Every check of this file; reported as ignored without the documents.
    pub(crate) fn trials(releases: &Path) -> Vec<Trial> {
        type Check = fn(&Newest, &Runtime) -> Outcome;
        let checks: [(&str, Check); 4] = [
            ("bodies_of_carts", |newest, runtime| {
                runtime.block_on(newest.bodies_of_carts())
            }),
            ("documents_of_discovery", |newest, runtime| {
                runtime.block_on(newest.documents_of_discovery())
            }),
            ("results_of_tools", |newest, runtime| {
                runtime.block_on(newest.results_of_tools())
            }),
            ("payloads_of_tools", |newest, _| newest.payloads_of_tools()),
        ];
        let is_absent = !Self::within(releases).folder.join("openrpc").is_dir();
        let trial = |(name, check): (&str, Check)| {
            let newest = Self::within(releases);
            let run = move || check(&newest, &Runtime::new()?);
            Trial::test(format!("{}::{name}", RELEASE.as_str()), run).with_ignored_flag(is_absent)
        };
        checks.into_iter().map(trial).collect()
    }

    fn read(&self, file: &str) -> Value {
        let text = std::fs::read_to_string(self.folder.join(file)).expect("the document is readable");
        serde_json::from_str(&text).expect("the document is JSON")
    }

    /// The definitions of checkouts and carts, with references within one document.
    fn definitions(&self) -> Map<String, Value> {
        let checkout = self.read("json-schema/schema.agentic_checkout.json");
        let carts = self.read("json-schema/schema.cart.json");
        let mut all = Map::new();
        for schema in [checkout, carts] {
            let defined = schema["$defs"].as_object().expect("definitions").clone();
            all.extend(defined.into_iter().map(|(name, schema)| (name, localized(schema))));
        }
        all
    }

    fn official(&self) -> Official {
        Official::of(json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": self.definitions(),
        }))
    }

    async fn bodies_of_carts(&self) -> Outcome {
        let official = self.official();
        let acp = HOST.get().await.acp(RELEASE);
        let content = json!({
            "line_items": [{ "id": "tee-classic", "quantity": 2 }, { "id": "album-field" }],
            "buyer": { "email": "jane@example.com", "first_name": "Jane" },
            "locale": "en-US",
        });
        official.check(
            "CartCreateRequest",
            &schema_fixes::fix_request(RELEASE, content.clone()),
        )?;
        let cart = acp.post("/carts").json(&content).send().await.expect(201);
        official.check("Cart", &cart.json)?;
        let path = format!("/carts/{}", cart.id());
        let update = json!({ "line_items": [{ "id": "mug-enamel", "quantity": 500 }] });
        official.check("CartUpdateRequest", &schema_fixes::fix_request(RELEASE, update.clone()))?;
        let replaced = acp.post(&path).json(&update).send().await.expect(200);
        let read = acp.get(&path).send().await.expect(200);
        let canceled = acp.post(&format!("{path}/cancel")).send().await.expect(200);
        for answer in [replaced, read, canceled] {
            official.check("Cart", &answer.json)?;
        }
        let gone = acp.get(&path).send().await.expect(404);
        official.check("Error", &gone.json)
    }

    async fn documents_of_discovery(&self) -> Outcome {
        let official = self.official();
        for settings in ["", "acp.mcp = false\nacp.carts = false", "currency = \"EUR\""] {
            let merchant = Merchant::named("found").set(settings);
            let host = TestHost::builder().merchant(merchant).start().await;
            let client = host.acp(RELEASE).client;
            let found = client.get("/.well-known/acp.json").send().await.expect(200);
            official.check("DiscoveryResponse", &found.json)?;
        }
        Ok(())
    }

    /// Each method of the `OpenRPC` document is a tool with its parameters, whose results it describes.
    async fn results_of_tools(&self) -> Outcome {
        let official = self.official();
        let acp = HOST.get().await.acp(RELEASE);
        let methods = self.read("openrpc/openrpc.agentic_checkout.json")["methods"].clone();
        let listed = rpc(&acp, "tools/list", json!({})).await;
        let tools = listed["result"]["tools"].as_array().ok_or("no tools")?;
        for method in methods.as_array().ok_or("no methods")? {
            let tool = tools.iter().find(|tool| tool["name"] == method["name"]);
            compare_parameters(method, tool.ok_or("a tool is missing")?)?;
        }
        let result_of = |name: &str| {
            let method = methods
                .as_array()
                .into_iter()
                .flatten()
                .find(|method| method["name"] == name);
            let reference = method.and_then(|method| method["result"]["schema"]["$ref"].as_str());
            definition(reference.expect("a reference")).to_owned()
        };
        let body = fixtures::cart(RELEASE, &[("tee-classic", 1)]);
        let body = fixtures::with(body, &fixtures::delivery(RELEASE, &fixtures::address()));
        let call = async |name: &str, id: Option<&Value>, payload: Option<&Value>| {
            let mut arguments = json!({ "meta": { "api_version": RELEASE.as_str() } });
            if let Some(id) = id {
                arguments["id"] = id.clone();
            }
            if let Some(payload) = payload {
                arguments["payload"] = payload.clone();
            }
            let answer = rpc(&acp, "tools/call", json!({ "name": name, "arguments": arguments })).await;
            let session = answer["result"]["structuredContent"].clone();
            official.check(&result_of(name), &session)?;
            Ok::<Value, Failed>(session)
        };
        let session = call("create_checkout_session", None, Some(&body)).await?;
        let id = Some(&session["id"]);
        call("get_checkout_session", id, None).await?;
        let session = call("update_checkout_session", id, Some(&json!({}))).await?;
        let total = session["totals"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|total| total["type"] == "total");
        let total = total.and_then(|total| total["amount"].as_i64()).ok_or("no total")?;
        let token = HOST.get().await.token(total).await;
        call(
            "complete_checkout_session",
            id,
            Some(&fixtures::payment(RELEASE, &token)),
        )
        .await?;
        let other = call("create_checkout_session", None, Some(&body)).await?;
        call("cancel_checkout_session", Some(&other["id"]), None).await?;
        let refused = rpc(
            &acp,
            "tools/call",
            json!({ "name": "get_checkout_session", "arguments": {
                "meta": { "api_version": RELEASE.as_str() }, "id": "cs_none",
            }}),
        );
        official.check("Error", &refused.await["error"]["data"])
    }

    /// The definitions that the tools show are those of the release, but for what it lacks by mistake. If they differ, the expected
    /// ones are written beside the build.
    fn payloads_of_tools(&self) -> Outcome {
        let file = workspace().join("host/protocols/src/acp/mcp/payloads.json");
        let text = std::fs::read_to_string(&file)?;
        let shown: Map<String, Value> = serde_json::from_str(&text)?;
        let expected = self.expected_payloads();
        if shown == expected {
            return Ok(());
        }
        let lines = expected
            .iter()
            .map(|(name, schema)| format!(" {}: {schema}", json!(name)));
        let lines: Vec<String> = lines.collect();
        let written = workspace().join("target/payloads.json");
        std::fs::write(&written, format!("{{\n{}\n}}\n", lines.join(",\n")))?;
        Err(format!(
            "{} differs from the schema; expected: {}",
            file.display(),
            written.display()
        )
        .into())
    }

    fn expected_payloads(&self) -> Map<String, Value> {
        let all = self.definitions();
        let mut needed = vec![
            "CheckoutSessionCreateRequest",
            "CheckoutSessionUpdateRequest",
            "CheckoutSessionCompleteRequest",
            "CancelSessionRequest",
            "CartCreateRequest",
            "CartUpdateRequest",
        ];
        let mut expected = Map::new();
        while let Some(name) = needed.pop() {
            if !expected.contains_key(name) {
                needed.extend(references(&all[name]));
                expected.insert(name.to_owned(), without_examples(all[name].clone()));
            }
        }
        // The release has carts and no member to begin a checkout with one, and items without a quantity.
        let create = &mut expected["CheckoutSessionCreateRequest"]["properties"];
        create["cart_id"] = json!({
            "type": "string",
            "description": "A cart made with create_cart: its items and buyer become those of the checkout session, and line_items \
                            (send an empty list) and buyer are ignored.",
        });
        create["line_items"]
            .as_object_mut()
            .expect("an object")
            .remove("minItems");
        expected["Item"]["properties"]["quantity"] = json!({
            "type": "integer",
            "minimum": 1,
            "description": "Number of units. The published schema lacks it; 1 if left out.",
        });
        expected
    }
}

async fn rpc(acp: &Acp<'_>, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    acp.client
        .post("/mcp")
        .acp_key()
        .json(&body)
        .send()
        .await
        .expect(200)
        .json
}

fn compare_parameters(method: &Value, tool: &Value) -> Outcome {
    let schema = &tool["inputSchema"];
    let parameters = method["params"].as_array().ok_or("no parameters")?;
    let names: Vec<&Value> = parameters.iter().map(|parameter| &parameter["name"]).collect();
    let required = parameters.iter().filter(|parameter| parameter["required"] == true);
    let required: Vec<&Value> = required.map(|parameter| &parameter["name"]).collect();
    let shown: Vec<Value> = schema["properties"]
        .as_object()
        .ok_or("no properties")?
        .keys()
        .map(|name| json!(name))
        .collect();
    let demanded: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
    let same =
        |left: &[&Value], right: &[&Value]| left.len() == right.len() && left.iter().all(|name| right.contains(name));
    if !same(&names, &shown.iter().collect::<Vec<_>>()) || !same(&required, &demanded) {
        return Err(format!("other parameters: {method:#} {schema:#}").into());
    }
    let payload = parameters.iter().find(|parameter| parameter["name"] == "payload");
    let expected = payload
        .and_then(|payload| payload["schema"]["$ref"].as_str())
        .map(definition);
    let shown = schema["properties"]["payload"]["$ref"].as_str().map(definition);
    if expected != shown {
        return Err(format!("another payload: {shown:?} instead of {expected:?}").into());
    }
    Ok(())
}

/// The name of the definition that a reference points at.
fn definition(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).map(definition);
            let inside = members.iter().filter(|(name, _)| *name != "example");
            own.into_iter()
                .chain(inside.flat_map(|(_, member)| references(member)))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Make references to the schema of checkouts references within one document.
fn localized(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                *member = match member.as_str() {
                    Some(reference) if name == "$ref" => json!(format!("#/$defs/{}", definition(reference))),
                    _ => localized(member.take()),
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = localized(item.take())),
        _ => {}
    }
    schema
}

fn without_examples(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            members.remove("example");
            members
                .values_mut()
                .for_each(|member| *member = without_examples(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_examples(item.take())),
        _ => {}
    }
    schema
}
