//! The rule about reservations: one reservation id takes stock once, whatever the operation, and a release returns it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillhouse_plugin::types::Line;
use tillhouse_plugin_protocol::{Capability, Function};

use super::calls::{call_without_fault, function_call, generate_catalog, items, one_of_each};
use super::effects::{attempt, call_twice};
use super::{RuleResult, Verdict, broken, does_not_apply};
use crate::env::{Env, FunctionCall, FunctionResult};

/// Maximum number of items that are reserved together.
const ITEMS: usize = 3;

/// Units of each item that are reserved, if as many are available.
const UNITS: u64 = 2;

pub(super) async fn once(env: &Env) -> RuleResult {
    if !env.exports(Capability::Inventory) {
        return does_not_apply("the component does not export inventory");
    }
    // Items of the setup first: stock in a configuration or at another server does not cover generated items.
    let own = items(env);
    let (wanted, before) = match wanted(env, &own).await? {
        Some(found) => found,
        None => match wanted(env, &generate_catalog(env, "USD", ITEMS)).await? {
            Some(found) => found,
            None => return does_not_apply("no item of the catalog and no generated item is in stock"),
        },
    };
    let reservation = Reservation::of("res_1", wanted);
    reservation.is_taken_once(env, &before).await?;
    reservation.is_released_once(env, &before).await?;
    let unknown = Reservation::of("res_never", reservation.lines.clone());
    let situation = "the release of what was never reserved";
    match call_without_fault(env, &attempt(&unknown.release, "other", 1), situation).await? {
        FunctionResult::Failure(failure) => broken(format!(
            "inventory.release must succeed for a reservation that does not exist, but failed: {failure}"
        )),
        _ => reservation.compare(env, &before, situation).await,
    }
}

/// Lines of items that are in stock, with the answer about them; `None` if there are no such items.
async fn wanted(env: &Env, items: &[String]) -> Result<Option<(Vec<Line>, FunctionResult)>, Verdict> {
    let all = one_of_each(items).lines.into_iter().take(200).collect::<Vec<Line>>();
    let check = function_call(Function::CheckStock).with("lines", &all);
    let result = call_without_fault(env, &check, "before the reservation").await?;
    let there = |line: &Line| stock_of(&result, &line.id).filter(|stock| stock.is_on_sale);
    let mut wanted: Vec<(Line, Stock)> = all
        .into_iter()
        .filter_map(|line| there(&line).map(|stock| (line, stock)))
        .collect();
    // Items with a counted stock first: they show whether it changes.
    wanted.sort_by_key(|(_, stock)| stock.available.is_none());
    let lines: Vec<Line> = wanted
        .into_iter()
        .take(ITEMS)
        .map(|(mut line, stock)| {
            let units = stock.available.map_or(UNITS, |available| available.min(UNITS));
            line.quantity = u32::try_from(units).unwrap_or(1);
            line
        })
        .collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let check = function_call(Function::CheckStock).with("lines", &lines);
    let result = stock_for_another_buyer(env, &check, "before the reservation").await?;
    Ok(Some((lines, result)))
}

/// The answer of `inventory.check` about one line.
#[derive(Debug)]
struct Stock {
    is_on_sale: bool,
    available: Option<u64>,
}

fn stock_of(result: &FunctionResult, line: &str) -> Option<Stock> {
    let FunctionResult::Value(Value::Array(all)) = result else {
        return None;
    };
    let stock = all
        .iter()
        .find(|stock| stock.get("line").and_then(Value::as_str) == Some(line))?;
    let available = stock.get("available").and_then(Value::as_u64);
    let is_out = stock.get("availability").and_then(Value::as_str) == Some("out_of_stock");
    Some(Stock {
        is_on_sale: !is_out && available != Some(0),
        available,
    })
}

/// Checks stock in the session of another buyer: units reserved for a session may still be available to that session.
async fn stock_for_another_buyer(env: &Env, check: &FunctionCall, situation: &str) -> Result<FunctionResult, Verdict> {
    let own = env.session_id();
    env.session("cs_of_another_buyer");
    let result = call_without_fault(env, check, situation).await;
    env.session(own);
    result
}

/// A reservation, with the calls that check, make and release it.
#[derive(Debug)]
struct Reservation {
    id: &'static str,
    lines: Vec<Line>,
    check: FunctionCall,
    reserve: FunctionCall,
    release: FunctionCall,
}

impl Reservation {
    fn of(id: &'static str, lines: Vec<Line>) -> Self {
        let reservation = json!({"id": id, "lines": lines, "expires": 4_102_444_800_000_u64});
        Self {
            check: function_call(Function::CheckStock).with("lines", &lines),
            reserve: function_call(Function::Reserve).with("reservation", &reservation),
            release: function_call(Function::Release).with("reservation", &reservation),
            id,
            lines,
        }
    }

    async fn is_taken_once(&self, env: &Env, before: &FunctionResult) -> RuleResult {
        let requests = env.requests().len();
        let result = call_twice(env, &self.reserve, "reserve").await?;
        if result != FunctionResult::Value("Reserved".into()) {
            return does_not_apply(format!(
                "inventory.reserve answered {result:?} for items that are in stock"
            ));
        }
        // If the plugin called another server to reserve, that server counts the stock.
        let counts_itself = env.requests().len() == requests;
        let after = stock_for_another_buyer(env, &self.check, "after the reservation").await?;
        if counts_itself {
            self.is_taken(before, &after)?;
        }
        let counters = env.counters();
        let again = call_without_fault(
            env,
            &attempt(&self.reserve, "reserve-again", 1),
            "the same reservation in another operation",
        )
        .await?;
        if result != again {
            return broken(format!(
                "inventory.reserve answered {result:?}, but for the same reservation in another operation {again:?}"
            ));
        }
        if counters != env.counters() {
            return broken(format!(
                "inventory.reserve took stock again for reservation {} in another operation: the counters were {counters:?} and are {:?}",
                self.id,
                env.counters()
            ));
        }
        self.compare(env, &after, "the same reservation in another operation")
            .await
    }

    /// For items with a counted stock, the available units go down by the reserved quantity.
    fn is_taken(&self, before: &FunctionResult, after: &FunctionResult) -> RuleResult {
        let counted = |result: &FunctionResult| -> BTreeMap<&str, u64> {
            let lines = self.lines.iter();
            lines
                .filter_map(|line| Some((line.id.as_str(), stock_of(result, &line.id)?.available?)))
                .collect()
        };
        let (before, after) = (counted(before), counted(after));
        for line in &self.lines {
            let (Some(was), Some(is)) = (before.get(line.id.as_str()), after.get(line.id.as_str())) else {
                continue;
            };
            if was.checked_sub(u64::from(line.quantity)) != Some(*is) {
                return broken(format!(
                    "inventory.reserve reserved {} of {was} {}, but {is} are available to another buyer: \
                     reserved units must not be available to others",
                    line.quantity, line.item
                ));
            }
        }
        Ok(())
    }

    async fn is_released_once(&self, env: &Env, before: &FunctionResult) -> RuleResult {
        call_twice(env, &self.release, "release").await?;
        self.compare(env, before, "after the release").await?;
        let situation = "the same release in another operation";
        call_without_fault(env, &attempt(&self.release, "release-again", 1), situation).await?;
        self.compare(env, before, situation).await
    }

    async fn compare(&self, env: &Env, expected: &FunctionResult, situation: &str) -> RuleResult {
        let answered = stock_for_another_buyer(env, &self.check, situation).await?;
        if *expected == answered {
            return Ok(());
        }
        broken(format!(
            "{situation}: expected inventory.check to answer {expected:?}, got {answered:?}"
        ))
    }
}
