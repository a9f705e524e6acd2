//! The rule about reservations: one reservation id takes stock once, whatever the operation, and a release returns it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillhouse_plugin::types::Line;
use tillhouse_plugin_protocol::{Capability, Function};

use super::effects::{attempt, twice};
use super::questions::{answer, asked, items, one_of_each, stock_up};
use super::{Judged, Verdict, broken, no_matter};
use crate::env::{Asked, Env, Said};

/// Maximum number of items that are reserved together.
const ITEMS: usize = 3;

/// Units of each item that are reserved, if as many are available.
const UNITS: u64 = 2;

pub(super) async fn once(env: &Env) -> Judged {
    if !env.exports(Capability::Inventory) {
        return no_matter("the component does not export inventory");
    }
    // Items of the setup first: stock in a configuration or at another server does not cover generated items.
    let own = items(env);
    let (wanted, before) = match wanted(env, &own).await? {
        Some(found) => found,
        None => match wanted(env, &stock_up(env, "USD", ITEMS)).await? {
            Some(found) => found,
            None => return no_matter("no item of the catalog and no generated item is in stock"),
        },
    };
    let reservation = Reservation::of("res_1", wanted);
    reservation.is_taken_once(env, &before).await?;
    reservation.is_given_back_once(env, &before).await?;
    let strange = Reservation::of("res_never", reservation.lines.clone());
    let circumstances = "the release of what was never reserved";
    match answer(env, &attempt(&strange.release, "other", 1), circumstances).await? {
        Said::Failure(failure) => broken(format!(
            "inventory.release must succeed for a reservation that does not exist, but failed: {failure}"
        )),
        _ => reservation.compare(env, &before, circumstances).await,
    }
}

/// Lines of items that are in stock, with the answer about them; `None` if there are no such items.
async fn wanted(env: &Env, items: &[String]) -> Result<Option<(Vec<Line>, Said)>, Verdict> {
    let all = one_of_each(items).lines.into_iter().take(200).collect::<Vec<Line>>();
    let check = asked(Function::CheckStock).with("lines", &all);
    let said = answer(env, &check, "before the reservation").await?;
    let there = |line: &Line| stock_of(&said, &line.id).filter(|stock| stock.is_on_sale);
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
    let check = asked(Function::CheckStock).with("lines", &lines);
    let said = there_is(env, &check, "before the reservation").await?;
    Ok(Some((lines, said)))
}

/// The answer of `inventory.check` about one line.
#[derive(Debug)]
struct Stock {
    is_on_sale: bool,
    available: Option<u64>,
}

fn stock_of(said: &Said, line: &str) -> Option<Stock> {
    let Said::Value(Value::Array(all)) = said else {
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
async fn there_is(env: &Env, check: &Asked, circumstances: &str) -> Result<Said, Verdict> {
    let own = env.session_id();
    env.session("cs_of_another_buyer");
    let said = answer(env, check, circumstances).await;
    env.session(own);
    said
}

/// A reservation, with the calls that check, make and release it.
#[derive(Debug)]
struct Reservation {
    id: &'static str,
    lines: Vec<Line>,
    check: Asked,
    reserve: Asked,
    release: Asked,
}

impl Reservation {
    fn of(id: &'static str, lines: Vec<Line>) -> Self {
        let reservation = json!({"id": id, "lines": lines, "expires": 4_102_444_800_000_u64});
        Self {
            check: asked(Function::CheckStock).with("lines", &lines),
            reserve: asked(Function::Reserve).with("reservation", &reservation),
            release: asked(Function::Release).with("reservation", &reservation),
            id,
            lines,
        }
    }

    async fn is_taken_once(&self, env: &Env, before: &Said) -> Judged {
        let requests = env.requests().len();
        let said = twice(env, &self.reserve, "reserve").await?;
        if said != Said::Value("Reserved".into()) {
            return no_matter(format!(
                "inventory.reserve answered {said:?} for items that are in stock"
            ));
        }
        // If the plugin called another server to reserve, that server counts the stock.
        let counts_itself = env.requests().len() == requests;
        let after = there_is(env, &self.check, "after the reservation").await?;
        if counts_itself {
            self.is_taken(before, &after)?;
        }
        let counters = env.counters();
        let again = answer(
            env,
            &attempt(&self.reserve, "reserve-again", 1),
            "the same reservation in another operation",
        )
        .await?;
        if said != again {
            return broken(format!(
                "inventory.reserve answered {said:?}, but for the same reservation in another operation {again:?}"
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
    fn is_taken(&self, before: &Said, after: &Said) -> Judged {
        let counted = |said: &Said| -> BTreeMap<&str, u64> {
            let lines = self.lines.iter();
            lines
                .filter_map(|line| Some((line.id.as_str(), stock_of(said, &line.id)?.available?)))
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

    async fn is_given_back_once(&self, env: &Env, before: &Said) -> Judged {
        twice(env, &self.release, "release").await?;
        self.compare(env, before, "after the release").await?;
        let circumstances = "the same release in another operation";
        answer(env, &attempt(&self.release, "release-again", 1), circumstances).await?;
        self.compare(env, before, circumstances).await
    }

    async fn compare(&self, env: &Env, expected: &Said, circumstances: &str) -> Judged {
        let there = there_is(env, &self.check, circumstances).await?;
        if *expected == there {
            return Ok(());
        }
        broken(format!(
            "{circumstances}: expected inventory.check to answer {expected:?}, got {there:?}"
        ))
    }
}
